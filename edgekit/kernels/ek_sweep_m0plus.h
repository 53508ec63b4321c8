/* ek_sweep_m0plus: four output channels swept over many windows, for Armv6-M and Armv7-M (Cortex-M3).
 *
 * The weights of channels a, b lie in one word as a + 2^16 * b (two words for four channels), so
 * that one MULS is two products. Products add up in these words, for a run of `run` activations at
 * most, then the halves are split and added to 32-bit sums. The compiler knows every weight: it
 * chooses a run for each four channels in which no half leaves -2^15..2^15 - 1, whatever the
 * activations are. (ops/variants/m0plus.py.)
 *
 *   in       rows of row_lanes / 8 int8 each, row_gap bytes from the end of one to the next; one
 *            window is in_step bytes from the next. All at multiples of 4 bytes.
 *   lanes    [rows * row_lanes / 8][2] uint32, in the order in which activations come
 *   out      with factors: 4 int8 for each window, out_step bytes apart. Without: int32 [windows][4],
 *            the sums.
 *   factors  [4][5]: start, top, low, high, add of ek_shorten below
 *
 * Requires   row_lanes a multiple of 32; run is 4 or 2; at least one window.
 * Aliasing   in and out must not overlap.
 */
#ifndef EK_SWEEP_M0PLUS_H
#define EK_SWEEP_M0PLUS_H

#include "ek_requantize.h"

typedef struct {
    const int8_t *in; /* moves from window to window */
    int8_t *out;      /* moves too */
    const uint32_t *lanes;
    const uint32_t *row_end;   /* lanes + row_lanes bytes */
    const uint32_t *lanes_end; /* behind the last row */
    int32_t row_lanes, row_gap;
    int32_t in_step, out_step;
    const int8_t *out_end; /* where the output of the window behind the last would be */
    const uint32_t *factors;
    int32_t run;
} ek_sweep_t;

#define EK_FACTORS 5
#define EK_BENT_FACTORS 7 /* zero and down besides, where outputs lie on both sides of 0 */

/* A sum as an int8 output by constants that are proven for it: ops/short_requantization.py. */
EK_INLINE int8_t ek_shorten(int32_t sum, const uint32_t *f)
{
    int32_t x = sum + (int32_t)f[0];
    x = x < 0 ? 0 : x;
    const uint32_t y = (uint32_t)x > f[1] ? f[1] : (uint32_t)x;
    return (int8_t)((y * f[3] + ((y * f[2]) >> 13) + f[4]) >> 24);
}

/* The same on two lines: `down` is taken off below `zero`. */
EK_INLINE int8_t ek_shorten_bent(int32_t sum, const uint32_t *f)
{
    int32_t x = sum + (int32_t)f[0];
    x = x < 0 ? 0 : x;
    const uint32_t y = (uint32_t)x > f[1] ? f[1] : (uint32_t)x;
    const uint32_t value = y * f[3] + ((y * f[2]) >> 13) + f[4];
    return (int8_t)((y < f[5] ? value - f[6] : value) >> 24);
}

#if defined(__ARM_ARCH_6M__)

/* r0 r1 lanes, r2 r3 weights, r4 activation, r5 four activations, r6 lanes, r7 in;
 * r8..r11 sums, lr end of the row. The struct is copied to the stack: sp + 4 * its field. */
#define EK_FIRST "ldmia r6!, {r0, r1}\n muls r0, r4, r0\n muls r1, r4, r1\n"
#define EK_MORE(x)                                                                                 \
    "ldmia r6!, {r2, r3}\n muls r2, " x ", r2\n muls r3, " x ", r3\n"                              \
    "adds r0, r0, r2\n adds r1, r1, r3\n"
#define EK_LOAD "ldmia r7!, {r5}\n sxtb r4, r5\n"
#define EK_NEXT "asrs r5, r5, #8\n sxtb r4, r5\n"
#define EK_SHIFT "asrs r5, r5, #8\n"
#define EK_SPLIT                                                                                   \
    "sxth r2, r0\n subs r0, r0, r2\n asrs r0, r0, #16\n add r8, r2\n add r9, r0\n"                 \
    "sxth r3, r1\n subs r1, r1, r3\n asrs r1, r1, #16\n add r10, r3\n add r11, r1\n"
#define EK_OUTPUT(sum, place)                                                                      \
    "mov r0, " sum "\n ldmia r7!, {r1, r2, r3, r4, r5}\n adds r0, r0, r1\n"                        \
    "asrs r1, r0, #31\n bics r0, r1\n cmp r0, r2\n bls 1f\n mov r0, r2\n"                          \
    "1: muls r3, r0, r3\n lsrs r3, r3, #13\n muls r4, r0, r4\n adds r3, r3, r4\n"                  \
    "adds r3, r3, r5\n lsrs r3, r3, #24\n strb r3, [r6, #" place "]\n"

__attribute__((naked, noinline, unused, section(".time_critical.ek_sweep"))) static void
ek_sweep_s8(__attribute__((unused)) const ek_sweep_t *sweep)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n push {r4-r7}\n"
        "sub sp, #48\n mov r1, sp\n"
        "ldmia r0!, {r2-r7}\n stmia r1!, {r2-r7}\n ldmia r0!, {r2-r7}\n stmia r1!, {r2-r7}\n"
        /* r12: the loop for this run */
        "adr r0, 14f\n cmp r7, #4\n beq 2f\n adr r0, 12f\n"
        "2: mov r12, r0\n"
        "3: ldr r7, [sp, #0]\n ldr r6, [sp, #8]\n ldr r0, [sp, #12]\n mov lr, r0\n"
        "movs r0, #0\n mov r8, r0\n mov r9, r0\n mov r10, r0\n mov r11, r0\n"
        "mov pc, r12\n"
        ".balign 4\n"
        "14: " EK_LOAD EK_FIRST EK_NEXT EK_MORE("r4") EK_NEXT EK_MORE("r4") EK_SHIFT EK_MORE("r5")
        EK_SPLIT
        "cmp r6, lr\n bne 14b\n b 5f\n"
        ".balign 4\n"
        "12: " EK_LOAD EK_FIRST EK_NEXT EK_MORE("r4") EK_SPLIT
        EK_NEXT EK_FIRST EK_SHIFT EK_MORE("r5") EK_SPLIT
        "cmp r6, lr\n bne 12b\n"
        /* the end of a row */
        "5: ldr r0, [sp, #16]\n cmp r6, r0\n beq 6f\n"
        "ldr r0, [sp, #24]\n adds r7, r7, r0\n ldr r0, [sp, #20]\n add lr, r0\n mov pc, r12\n"
        /* the end of a window */
        "6: ldr r6, [sp, #4]\n ldr r7, [sp, #40]\n cmp r7, #0\n beq 7f\n"
        EK_OUTPUT("r8", "0") EK_OUTPUT("r9", "1") EK_OUTPUT("r10", "2") EK_OUTPUT("r11", "3")
        "ldr r0, [sp, #32]\n adds r6, r6, r0\n"
        "8: str r6, [sp, #4]\n ldr r0, [sp, #0]\n ldr r1, [sp, #28]\n adds r0, r0, r1\n"
        "str r0, [sp, #0]\n ldr r1, [sp, #36]\n cmp r6, r1\n beq 9f\n b 3b\n9: "
        "add sp, #48\n pop {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n"
        "pop {r4-r7, pc}\n"
        "7: mov r0, r8\n mov r1, r9\n mov r2, r10\n mov r3, r11\n stmia r6!, {r0-r3}\n b 8b\n");
}

#elif defined(__ARM_ARCH_7M__)

/* Cortex-M3, where any register does. r0 four activations, r1 in, r2 lanes, r3..r6 weights, r7 r8
 * lanes, r9..r12 sums, lr activation. The struct is copied to the stack, the end of the row behind. */
#define EK_FIRST "mul r7, r3, lr\n mul r8, r4, lr\n"
#define EK_MORE(low, high, x)                                                                      \
    "mla r7, " low ", " x ", r7\n mla r8, " high ", " x ", r8\n"
#define EK_WEIGHTS "ldmia r2!, {r3-r6}\n"
#define EK_SPLIT                                                                                   \
    "sxth r3, r7\n sub r7, r7, r3\n add r9, r9, r3\n add r10, r10, r7, asr #16\n"                  \
    "sxth r4, r8\n sub r8, r8, r4\n add r11, r11, r4\n add r12, r12, r8, asr #16\n"
#define EK_ROW_END "ldr lr, [sp, #48]\n cmp r2, lr\n"
#define EK_OUTPUT(sum, place)                                                                      \
    "ldmia r7!, {r0-r4}\n add r0, r0, " sum "\n bic r0, r0, r0, asr #31\n cmp r0, r1\n it hi\n"    \
    "movhi r0, r1\n mul r2, r0, r2\n mla r4, r0, r3, r4\n add r4, r4, r2, lsr #13\n"              \
    "lsr r4, r4, #24\n strb r4, [r6, #" place "]\n"

__attribute__((naked, noinline, unused)) static void
ek_sweep_s8(__attribute__((unused)) const ek_sweep_t *sweep)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r11, lr}\n sub sp, #52\n mov r12, sp\n"
        "ldmia r0!, {r1-r6}\n stmia r12!, {r1-r6}\n ldmia r0!, {r1-r6}\n stmia r12!, {r1-r6}\n"
        "3: ldr r1, [sp, #0]\n ldr r2, [sp, #8]\n ldr r0, [sp, #12]\n str r0, [sp, #48]\n"
        "mov r9, #0\n mov r10, #0\n mov r11, #0\n mov r12, #0\n"
        "4: ldr r0, [sp, #44]\n cmp r0, #4\n bne 12f\n"
        "14: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n" EK_FIRST "sbfx lr, r0, #8, #8\n"
        EK_MORE("r5", "r6", "lr") EK_WEIGHTS "sbfx lr, r0, #16, #8\n" EK_MORE("r3", "r4", "lr")
        "asr r0, r0, #24\n" EK_MORE("r5", "r6", "r0") EK_SPLIT EK_ROW_END "bne 14b\n b 5f\n"
        "12: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n" EK_FIRST "sbfx lr, r0, #8, #8\n"
        EK_MORE("r5", "r6", "lr") EK_SPLIT EK_WEIGHTS "sbfx lr, r0, #16, #8\n" EK_FIRST
        "asr r0, r0, #24\n" EK_MORE("r5", "r6", "r0") EK_SPLIT EK_ROW_END "bne 12b\n"
        /* the end of a row */
        "5: ldr r0, [sp, #16]\n cmp r2, r0\n beq 6f\n"
        "ldr r0, [sp, #24]\n add r1, r1, r0\n ldr r0, [sp, #20]\n add lr, lr, r0\n"
        "str lr, [sp, #48]\n b 4b\n"
        /* the end of a window */
        "6: ldr r6, [sp, #4]\n ldr r7, [sp, #40]\n cmp r7, #0\n beq 7f\n"
        EK_OUTPUT("r9", "0") EK_OUTPUT("r10", "1") EK_OUTPUT("r11", "2") EK_OUTPUT("r12", "3")
        "ldr r0, [sp, #32]\n add r6, r6, r0\n"
        "8: str r6, [sp, #4]\n ldr r0, [sp, #0]\n ldr r1, [sp, #28]\n add r0, r0, r1\n"
        "str r0, [sp, #0]\n ldr r1, [sp, #36]\n cmp r6, r1\n bne 3b\n"
        "add sp, #52\n pop {r4-r11, pc}\n"
        "7: stmia r6!, {r9-r12}\n b 8b\n");
}

#else

/* The same in C, splits and all, so that tests on any machine see what the assembly would do. */
EK_INLINE void ek_sweep_split(int32_t *sums, uint32_t *lanes)
{
    for (int32_t i = 0; i < 2; i++) {
        const int32_t low = (int16_t)lanes[i];
        sums[2 * i] += low;
        sums[2 * i + 1] += (int32_t)(lanes[i] - (uint32_t)low) >> 16;
        lanes[i] = 0;
    }
}

EK_INLINE void ek_sweep_window(const ek_sweep_t *s, int32_t *sums)
{
    const int8_t *x = s->in;
    uint32_t lanes[2] = {0, 0};
    int32_t used = 0;
    for (const uint32_t *w = s->lanes; w != s->lanes_end; w += 2) {
        if (used && 8 * used % s->row_lanes == 0)
            x += s->row_gap;
        const uint32_t value = (uint32_t)*x++;
        lanes[0] += value * w[0];
        lanes[1] += value * w[1];
        if (++used % s->run == 0)
            ek_sweep_split(sums, lanes);
    }
}

static inline void ek_sweep_s8(const ek_sweep_t *sweep)
{
    ek_sweep_t s = *sweep;
    while (s.out != s.out_end) {
        int32_t sums[4] = {0, 0, 0, 0};
        ek_sweep_window(&s, sums);
        if (s.factors) {
            for (int32_t i = 0; i < 4; i++)
                s.out[i] = ek_shorten(sums[i], s.factors + EK_FACTORS * i);
            s.out += s.out_step;
        } else {
            __builtin_memcpy(s.out, sums, sizeof sums);
            s.out += sizeof sums;
        }
        s.in += s.in_step;
    }
}

#endif

#endif
