/* ek_plane_m0plus: four outputs of one channel at a time from a plane of int32, for Armv6-M.
 *
 * A load costs two cycles, but of several words at once each costs one: so a channel is widened to
 * words first. A tap of the kernel is a weight and the place, in bytes, of the word that it meets for
 * the first output; the words for the next outputs lie behind it.
 *
 * Requires  words for outputs up to the next multiple of four of `width` may be read: what comes of
 *           them is not stored. `nine` has the taps where there are nine of them; else `taps` has.
 */
#ifndef EK_PLANE_M0PLUS_H
#define EK_PLANE_M0PLUS_H

#include "ek_sweep_m0plus.h"

typedef struct {
    int32_t place;
    int32_t weight;
} ek_tap_t;

/* Rows of outputs. The assembly works on a copy of it, by the offsets of its fields. */
typedef struct {
    int32_t left; /* outputs of the row that are still to come: set by the assembly */
    int32_t rows;
    int32_t step;        /* bytes from one output to the next */
    const int32_t *words; /* from here on the taps' places count: moves from row to row */
    uint32_t start;      /* factors: ops/short_requantization.py */
    int8_t *out;         /* the row's first output */
    int32_t three_steps; /* 3 * step */
    int32_t width;
    int32_t words_step, row_step; /* bytes from row to row, of words and of outputs */
    const ek_tap_t *taps, *taps_end;
    uint32_t top, low, high, add;
    ek_tap_t nine[9];
    uint32_t zero, down; /* of a bent line */
} ek_plane_t;

/* `rows` of `count` int8 that are `step` bytes apart, as words. */
typedef struct {
    int32_t *to;
    const int8_t *from;
    int32_t step;
    int32_t count, rows;
    int32_t to_skip, from_skip; /* bytes from the end of a row to the next */
} ek_widen_t;

#if defined(__ARM_ARCH_6M__)

#define EK_SAVE_ALL                                                                                \
    ".syntax unified\n"                                                                            \
    "push {r4-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n push {r4-r7}\n"
#define EK_RETURN_ALL                                                                              \
    "pop {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n pop {r4-r7, pc}\n"

/* r0 from, r1 to, r2 step, r3 zero, r4..r7 values; r8 left in the row, r9 rows, r10 and r11 skips,
 * r12 count */
#define EK_WIDEN(value) "ldrsb " value ", [r0, r3]\n adds r0, r0, r2\n"
__attribute__((naked, noinline, unused)) static void
ek_widen_s8(__attribute__((unused)) const ek_widen_t *widen)
{
    __asm__ volatile(
        EK_SAVE_ALL
        "ldmia r0!, {r1, r2, r3, r4, r5, r6, r7}\n mov r9, r5\n mov r10, r6\n mov r11, r7\n"
        "mov r0, r2\n mov r2, r3\n mov r12, r4\n movs r3, #0\n"
        "1: mov r8, r12\n"
        "2: mov r4, r8\n subs r4, #4\n blt 3f\n mov r8, r4\n"
        EK_WIDEN("r4") EK_WIDEN("r5") EK_WIDEN("r6") EK_WIDEN("r7") "stmia r1!, {r4-r7}\n b 2b\n"
        "3: mov r5, r8\n cmp r5, #0\n beq 5f\n"
        "4: " EK_WIDEN("r4") "stmia r1!, {r4}\n subs r5, #1\n bne 4b\n"
        "5: add r1, r10\n add r0, r11\n mov r4, r9\n subs r4, #1\n mov r9, r4\n bne 1b\n"
        EK_RETURN_ALL);
}

/* A tap with its place in r5 and its weight in r6, for the sums r0..r3; r8 is where
 * the group's words begin. */
#define EK_TAP                                                                                     \
    "add r5, r8\n"                                                                                 \
    "ldmia r5!, {r4, r7}\n muls r4, r6, r4\n muls r7, r6, r7\n adds r0, r0, r4\n"                  \
    "adds r1, r1, r7\n ldmia r5!, {r4, r7}\n muls r4, r6, r4\n muls r7, r6, r7\n"                  \
    "adds r2, r2, r4\n adds r3, r3, r7\n"
#define EK_TAP_OF_NINE(offset) "ldr r5, [sp, #" offset "]\n ldr r6, [sp, #" offset " + 4]\n" EK_TAP
#define EK_COPY_SIX "ldmia r0!, {r2-r7}\n stmia r1!, {r2-r7}\n"
#define EK_COPY_FOUR "ldmia r0!, {r2-r5}\n stmia r1!, {r2-r5}\n"
/* Label 1 begins a row, 2 a group of four outputs; lr is the output. */
#define EK_PLANE_GROUP                                                                             \
    "1: ldr r0, [sp, #28]\n str r0, [sp, #0]\n ldr r0, [sp, #12]\n mov r8, r0\n"                   \
    "ldr r0, [sp, #20]\n mov lr, r0\n"                                                             \
    "2: ldr r0, [sp, #16]\n mov r1, r0\n mov r2, r0\n mov r3, r0\n"
/* Outputs are stored from the last to the first (labels 8 to 5), so that those beyond the row can
 * be passed over. */
#define EK_PLANE_STORE(OUTPUT, frame)                                                              \
    "ldr r6, [sp, #8]\n ldr r4, [sp, #0]\n subs r4, #4\n str r4, [sp, #0]\n blt 4f\n"              \
    "ldr r7, [sp, #24]\n add r7, lr\n"                                                             \
    "8: " OUTPUT("r3") "7: " OUTPUT("r2") "6: " OUTPUT("r1") "5: " OUTPUT("r0")                    \
    "ldr r4, [sp, #0]\n cmp r4, #0\n ble 3f\n"                                                     \
    "lsls r6, r6, #2\n add lr, r6\n movs r4, #16\n add r8, r4\n b 2b\n"                            \
    "4: mov r7, lr\n adds r4, #2\n blt 5b\n add r7, r6\n beq 6b\n add r7, r6\n b 7b\n"             \
    "3: ldr r0, [sp, #20]\n ldr r1, [sp, #36]\n adds r0, r0, r1\n str r0, [sp, #20]\n"             \
    "ldr r0, [sp, #12]\n ldr r1, [sp, #32]\n adds r0, r0, r1\n str r0, [sp, #12]\n"                \
    "ldr r0, [sp, #4]\n subs r0, #1\n str r0, [sp, #4]\n beq 9f\n b 1b\n"                          \
    "9: add sp, #" frame "\n" EK_RETURN_ALL

/* A value in r4 of `sum`, by a bent line whose zero and down lie at `at` of the stack. */
#define EK_BEND(sum, at)                                                                           \
    "ldr r5, [sp, #" at "]\n cmp " sum ", r5\n bhs 12f\n ldr r5, [sp, #" at " + 4]\n"              \
    "subs r4, r4, r5\n12: "

/* Nine taps, from the stack; the factors are in r9 top, r10 low, r11 high, r12 add. */
#define EK_VALUE_OF_NINE(sum)                                                                      \
    "asrs r4, " sum ", #31\n bics " sum ", r4\n cmp " sum ", r9\n bls 10f\n mov " sum ", r9\n"     \
    "10: mov r4, r10\n muls r4, " sum ", r4\n lsrs r4, r4, #13\n mov r5, r11\n"                    \
    "muls r5, " sum ", r5\n adds r4, r4, r5\n add r4, r12\n"
#define EK_PUT "lsrs r4, r4, #24\n strb r4, [r7]\n subs r7, r7, r6\n"
#define EK_OUTPUT_OF_NINE(sum) EK_VALUE_OF_NINE(sum) EK_PUT
#define EK_OUTPUT_OF_NINE_BENT(sum) EK_VALUE_OF_NINE(sum) EK_BEND(sum, "136") EK_PUT
#define EK_NINE_TAPS                                                                               \
    EK_PLANE_GROUP EK_TAP_OF_NINE("64") EK_TAP_OF_NINE("72") EK_TAP_OF_NINE("80")                  \
    EK_TAP_OF_NINE("88") EK_TAP_OF_NINE("96") EK_TAP_OF_NINE("104") EK_TAP_OF_NINE("112")          \
    EK_TAP_OF_NINE("120") EK_TAP_OF_NINE("128")
#define EK_COPY_NINE                                                                               \
    EK_COPY_SIX EK_COPY_SIX EK_COPY_FOUR                                                           \
    "mov r9, r2\n mov r10, r3\n mov r11, r4\n mov r12, r5\n" EK_COPY_SIX EK_COPY_SIX EK_COPY_SIX
__attribute__((naked, noinline, unused)) static void
ek_plane_nine_s8(__attribute__((unused)) const ek_plane_t *plane)
{
    __asm__ volatile(
        EK_SAVE_ALL
        "sub sp, #136\n mov r1, sp\n" EK_COPY_NINE
        EK_NINE_TAPS EK_PLANE_STORE(EK_OUTPUT_OF_NINE, "136"));
}
__attribute__((naked, noinline, unused)) static void
ek_plane_nine_bent_s8(__attribute__((unused)) const ek_plane_t *plane)
{
    __asm__ volatile(
        EK_SAVE_ALL
        "sub sp, #144\n mov r1, sp\n" EK_COPY_NINE "ldmia r0!, {r2, r3}\n stmia r1!, {r2, r3}\n"
        EK_NINE_TAPS EK_PLANE_STORE(EK_OUTPUT_OF_NINE_BENT, "144"));
}

/* Any number of taps; the factors are on the stack. */
#define EK_VALUE_OF_ANY(sum)                                                                       \
    "asrs r4, " sum ", #31\n bics " sum ", r4\n ldr r4, [sp, #48]\n cmp " sum ", r4\n bls 10f\n"   \
    "mov " sum ", r4\n10: ldr r4, [sp, #52]\n muls r4, " sum ", r4\n lsrs r4, r4, #13\n"           \
    "ldr r5, [sp, #56]\n muls r5, " sum ", r5\n adds r4, r4, r5\n ldr r5, [sp, #60]\n"             \
    "adds r4, r4, r5\n"
#define EK_OUTPUT_OF_ANY(sum) EK_VALUE_OF_ANY(sum) EK_PUT
#define EK_OUTPUT_OF_ANY_BENT(sum) EK_VALUE_OF_ANY(sum) EK_BEND(sum, "64") EK_PUT
#define EK_ANY_TAPS                                                                                \
    "ldr r2, [sp, #44]\n mov r10, r2\n" EK_PLANE_GROUP "ldr r4, [sp, #40]\n mov r9, r4\n"          \
    "11: mov r7, r9\n ldmia r7!, {r5, r6}\n mov r9, r7\n" EK_TAP "cmp r9, r10\n bne 11b\n"
__attribute__((naked, noinline, unused)) static void
ek_plane_any_s8(__attribute__((unused)) const ek_plane_t *plane)
{
    __asm__ volatile(
        EK_SAVE_ALL
        "sub sp, #64\n mov r1, sp\n" EK_COPY_SIX EK_COPY_SIX EK_COPY_FOUR
        EK_ANY_TAPS EK_PLANE_STORE(EK_OUTPUT_OF_ANY, "64"));
}
__attribute__((naked, noinline, unused)) static void
ek_plane_any_bent_s8(__attribute__((unused)) const ek_plane_t *plane)
{
    __asm__ volatile(
        EK_SAVE_ALL
        "sub sp, #72\n mov r1, sp\n" EK_COPY_SIX EK_COPY_SIX EK_COPY_FOUR
        "adds r0, #72\n ldmia r0!, {r2, r3}\n stmia r1!, {r2, r3}\n"
        EK_ANY_TAPS EK_PLANE_STORE(EK_OUTPUT_OF_ANY_BENT, "72"));
}

#else

static inline void ek_widen_s8(const ek_widen_t *w)
{
    int32_t *to = w->to;
    const int8_t *from = w->from;
    for (int32_t row = 0; row < w->rows; row++) {
        for (int32_t i = 0; i < w->count; i++, from += w->step)
            *to++ = *from;
        to += w->to_skip / 4;
        from += w->from_skip;
    }
}

static inline void ek_plane_taps(const ek_plane_t *p, const ek_tap_t *taps, const ek_tap_t *end,
                                 uint32_t down)
{
    const uint32_t factors[EK_BENT_FACTORS] = {0, p->top, p->low, p->high, p->add, p->zero, down};
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t i = 0; i < p->width; i++) {
            int32_t sum = (int32_t)p->start;
            for (const ek_tap_t *tap = taps; tap != end; tap++)
                sum += p->words[(row * p->words_step + tap->place) / 4 + i] * tap->weight;
            p->out[row * p->row_step + i * p->step] = ek_shorten_bent(sum, factors);
        }
    }
}

static inline void ek_plane_nine_s8(const ek_plane_t *plane)
{
    ek_plane_taps(plane, plane->nine, plane->nine + 9, 0);
}

static inline void ek_plane_nine_bent_s8(const ek_plane_t *plane)
{
    ek_plane_taps(plane, plane->nine, plane->nine + 9, plane->down);
}

static inline void ek_plane_any_s8(const ek_plane_t *plane)
{
    ek_plane_taps(plane, plane->taps, plane->taps_end, 0);
}

static inline void ek_plane_any_bent_s8(const ek_plane_t *plane)
{
    ek_plane_taps(plane, plane->taps, plane->taps_end, plane->down);
}

#endif

#endif
