/* ek_dense_fours_m0plus: outputs of a fully connected layer by fours, from unpacked inputs to int8, for
 * Armv6-M: what ek_dense_four and ek_shorten or ek_shorten_bent do for each four, in one loop.
 *
 *   weights, x   of ek_dense_m0plus.h, of a row in one piece
 *   factors      of ek_sweep_m0plus.h, those of a line (ek_dense_fours_s8) or of two (.._bent_s8)
 *
 * Requires   at least four outputs.
 */
#ifndef EK_DENSE_FOURS_M0PLUS_H
#define EK_DENSE_FOURS_M0PLUS_H

#include "ek_dense_m0plus.h"
#include "ek_sweep_m0plus.h"

#if defined(__ARM_ARCH_6M__)

/* The assembly keeps a copy of all but x_end on the stack. */
typedef struct {
    const uint32_t *x_end;
    const int8_t *weights;
    const uint32_t *x, *factors;
    int8_t *out;
    const int8_t *out_end;
} ek_dense_fours_t;

/* ek_dense_tell: sums in r0 r1 r2, outputs to r8..r11. */
#define EK_DENSE_TELL                                                                              \
    "lsls r3, r2, #16\n subs r1, r1, r3\n lsls r3, r1, #16\n subs r2, r2, r3\n"                    \
    "lsls r3, r1, #8\n subs r0, r0, r3\n lsls r4, r2, #24\n subs r0, r0, r4\n"                     \
    "lsls r4, r0, #16\n subs r3, r3, r4\n asrs r3, r3, #8\n mov r9, r3\n"                          \
    "subs r1, r1, r3\n asrs r1, r1, #8\n mov r8, r1\n lsls r4, r1, #16\n"                          \
    "subs r0, r0, r1\n adds r0, r0, r4\n lsls r4, r2, #8\n subs r4, r4, r0\n"                      \
    "asrs r4, r4, #8\n mov r11, r4\n subs r2, r2, r4\n asrs r2, r2, #8\n mov r10, r2\n"
/* On the stack: weights, x, factors, out, out_end. */
#define EK_DENSE_FOURS(name, put)                                                                  \
    EK_DENSE_FUNCTION void name(__attribute__((unused)) const ek_dense_fours_t *fours)             \
    {                                                                                              \
        __asm__ volatile(                                                                          \
            ".syntax unified\n"                                                                    \
            "push {r4-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n"             \
            "push {r4-r7}\n ldmia r0!, {r2-r7}\n mov r12, r2\n"                                    \
            "push {r3-r7}\n mov r6, r3\n"                                                          \
            "3: ldr r7, [sp, #4]\n ldmia r7!, {r0}\n mov r8, r0\n mov r9, r0\n mov r10, r0\n"      \
            "mov r2, r12\n subs r2, r2, r7\n lsls r2, r2, #31 - 4\n bmi 2f\n"                      \
            "1: " EK_DENSE_FOUR_INPUTS "2: " EK_DENSE_FOUR_INPUTS "cmp r7, r12\n bne 1b\n"         \
            "str r6, [sp, #0]\n mov r0, r8\n mov r1, r9\n mov r2, r10\n" EK_DENSE_TELL             \
            "movs r0, #1\n mov lr, r0\n ldr r6, [sp, #12]\n ldr r7, [sp, #8]\n"                    \
            put("r8") put("r9") put("r10") put("r11")                                              \
            "str r6, [sp, #12]\n str r7, [sp, #8]\n ldr r0, [sp, #16]\n cmp r6, r0\n beq 4f\n"     \
            "ldr r6, [sp, #0]\n b 3b\n4: add sp, #20\n"                                            \
            "pop {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n pop {r4-r7, pc}\n"); \
    }
EK_DENSE_FOURS(ek_dense_fours_s8, EK_PUT_SHORT)
EK_DENSE_FOURS(ek_dense_fours_bent_s8, EK_PUT_BENT)

#endif

#endif
