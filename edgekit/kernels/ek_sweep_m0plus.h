/* ek_sweep_m0plus: some output channels swept over many windows, for Armv6-M and Armv7-M (Cortex-M3).
 *
 * The weights of channels a, b lie in one word as a + 2^16 * b (two words for four channels), so
 * that one MULS is two products. Products add up in these words, for a run of `run` activations at
 * most, then the halves are split and added to 32-bit sums. The compiler knows every weight: it
 * chooses a run for each four channels in which no half leaves -2^15..2^15 - 1, whatever the
 * activations are. (ops/variants/m0plus.py.)
 *
 * A channel alone has nothing to share a word with. Its activations x0..x3 are never taken apart:
 * turned into unsigned u = x + 128 they are u0 + 2^8 * u1 + ..., and modulo 2^32
 * w0 * u0 + w1 * u1 + ... = w0 * U + (w1 - 2^8 * w0) * (U >> 8) + (w2 - 2^8 * w1) * (U >> 16) + ...
 *
 *   in       rows of row_lanes / (lanes of an activation) int8 each, row_gap bytes from the end of one
 *            to the next; one window is in_step bytes from the next. All at multiples of 4 bytes.
 *   lanes    in the order in which activations come: for `width` 4 [2] uint32 each, for 2 one, for 1
 *            one of the factors above
 *   out      with factors: `width` - `skip` int8 for each window, out_channel bytes apart, and
 *            out_step bytes from window to window. Without (sides 0): int32 [windows][4], the sums,
 *            those of `width` channels at the end, and out_step is 16.
 *   factors  [width - skip][5 or 7]: start, top, low, high, add, and for two sides zero, down of
 *            ek_shorten and ek_shorten_bent below
 *
 * Requires   row_lanes of a multiple of 4 activations; run is 4, 2 or 1; at least one window.
 * Aliasing   in and out must not overlap.
 */
#ifndef EK_SWEEP_M0PLUS_H
#define EK_SWEEP_M0PLUS_H

#include "ek_requantize.h"

/* The assembly works on a copy of it, by the offsets of its fields. */
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
    /* From here on for ek_sweep_any_s8 only: ek_sweep_s8 is for runs of 4 or 2, width 4, skip 0,
     * sides 1 and out_channel 1. */
    int32_t out_channel;
    int32_t skip;  /* channels of a block before its first one: 4 have been made of fewer */
    int32_t sides; /* 1 or 2: of the lines in factors; 0: there are none */
    int32_t first; /* what the last sum begins with: of width 1 -128 * the sum of weights, else 0 */
    int32_t width; /* 4, 2 or 1 */
    uint32_t turn; /* EK_SWEEP_TURN */
} ek_sweep_t;

#define EK_SWEEP_TURN 0x80808080u

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
#define EK_ROW_END "cmp r6, lr\n"
#define EK_FOURS                                                                                   \
    ".balign 4\n"                                                                                  \
    "14: " EK_LOAD EK_FIRST EK_NEXT EK_MORE("r4") EK_NEXT EK_MORE("r4") EK_SHIFT EK_MORE("r5")     \
    EK_SPLIT EK_ROW_END "bne 14b\n b 5f\n"                                                         \
    ".balign 4\n"                                                                                  \
    "12: " EK_LOAD EK_FIRST EK_NEXT EK_MORE("r4") EK_SPLIT                                         \
    EK_NEXT EK_FIRST EK_SHIFT EK_MORE("r5") EK_SPLIT EK_ROW_END "bne 12b\n"
/* Begins a window (label 3) in the loop at r12. */
#define EK_WINDOW(last)                                                                            \
    "3: ldr r7, [sp, #0]\n ldr r6, [sp, #8]\n ldr r0, [sp, #12]\n mov lr, r0\n"                    \
    "movs r0, #0\n mov r8, r0\n mov r9, r0\n mov r10, r0\n" last "mov r11, r0\n mov pc, r12\n"
/* Ends a row (label 5): the next one, or outputs (label 6). */
#define EK_ROW                                                                                     \
    "5: ldr r0, [sp, #16]\n cmp r6, r0\n beq 6f\n"                                                 \
    "ldr r0, [sp, #24]\n adds r7, r7, r0\n ldr r0, [sp, #20]\n add lr, r0\n mov pc, r12\n"         \
    "6: ldr r6, [sp, #4]\n ldr r7, [sp, #40]\n"
/* Ends a window, with its output in r6. */
#define EK_WINDOW_END(frame)                                                                       \
    "ldr r0, [sp, #32]\n adds r6, r6, r0\n"                                                       \
    "str r6, [sp, #4]\n ldr r0, [sp, #0]\n ldr r1, [sp, #28]\n adds r0, r0, r1\n"                 \
    "str r0, [sp, #0]\n ldr r1, [sp, #36]\n cmp r6, r1\n beq 9f\n b 3b\n9: "                      \
    "add sp, #" frame "\n pop {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n"     \
    "pop {r4-r7, pc}\n"
#define EK_SWEEP_BEGIN(frame)                                                                      \
    ".syntax unified\n"                                                                            \
    "push {r4-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n push {r4-r7}\n"     \
    "sub sp, #" frame "\n mov r1, sp\n"                                                           \
    "ldmia r0!, {r2-r7}\n stmia r1!, {r2-r7}\n ldmia r0!, {r2-r7}\n stmia r1!, {r2-r7}\n"
#define EK_VALUE(sum)                                                                              \
    "mov r0, " sum "\n ldmia r7!, {r1, r2, r3, r4, r5}\n adds r0, r0, r1\n"                        \
    "asrs r1, r0, #31\n bics r0, r1\n cmp r0, r2\n bls 1f\n mov r0, r2\n"                          \
    "1: muls r3, r0, r3\n lsrs r3, r3, #13\n muls r4, r0, r4\n adds r3, r3, r4\n"                  \
    "adds r3, r3, r5\n"
#define EK_OUTPUT(sum, place) EK_VALUE(sum) "lsrs r3, r3, #24\n strb r3, [r6, #" place "]\n"

__attribute__((naked, noinline, unused, section(".time_critical.ek_sweep"))) static void
ek_sweep_s8(__attribute__((unused)) const ek_sweep_t *sweep)
{
    __asm__ volatile(
        EK_SWEEP_BEGIN("48")
        /* r12: the loop for this run */
        "adr r0, 14f\n cmp r7, #4\n beq 2f\n adr r0, 12f\n"
        "2: mov r12, r0\n"
        EK_WINDOW("") EK_FOURS EK_ROW
        EK_OUTPUT("r8", "0") EK_OUTPUT("r9", "1") EK_OUTPUT("r10", "2") EK_OUTPUT("r11", "3")
        EK_WINDOW_END("48"));
}

/* Four channels, of which one has weights of -128 side by side. */
#define EK_FOURS_APART                                                                             \
    ".balign 4\n"                                                                                  \
    "11: " EK_LOAD EK_FIRST EK_SPLIT EK_NEXT EK_FIRST EK_SPLIT EK_NEXT EK_FIRST EK_SPLIT           \
    "asrs r4, r5, #8\n" EK_FIRST EK_SPLIT EK_ROW_END "bne 11b\n b 5f\n"
/* Two channels: their lanes in r0, and in r1..r3 those of the next activations. */
#define EK_SPLIT_TWO(lanes)                                                                        \
    "sxth r2, " lanes "\n subs r0, " lanes ", r2\n asrs r0, r0, #16\n add r10, r2\n add r11, r0\n"
#define EK_TWOS                                                                                    \
    ".balign 4\n"                                                                                  \
    "24: " EK_LOAD "ldmia r6!, {r0-r3}\n muls r0, r4, r0\n" EK_NEXT "muls r1, r4, r1\n"            \
    "adds r0, r0, r1\n" EK_NEXT "muls r2, r4, r2\n adds r0, r0, r2\n"                              \
    EK_SHIFT "muls r3, r5, r3\n adds r0, r0, r3\n" EK_SPLIT_TWO("r0") EK_ROW_END "bne 24b\n b 5f\n" \
    ".balign 4\n"                                                                                  \
    "22: " EK_LOAD "ldmia r6!, {r0, r1}\n muls r0, r4, r0\n" EK_NEXT "muls r1, r4, r1\n"           \
    "adds r0, r0, r1\n" EK_SPLIT_TWO("r0") "ldmia r6!, {r0, r1}\n" EK_NEXT "muls r0, r4, r0\n"     \
    EK_SHIFT "muls r1, r5, r1\n adds r0, r0, r1\n" EK_SPLIT_TWO("r0") EK_ROW_END "bne 22b\n b 5f\n"
#define EK_TWOS_APART                                                                              \
    ".balign 4\n"                                                                                  \
    "21: " EK_LOAD EK_ALONE EK_NEXT EK_ALONE EK_NEXT EK_ALONE "asrs r4, r5, #8\n" EK_ALONE          \
    EK_ROW_END "bne 21b\n b 5f\n"
#define EK_ALONE "ldmia r6!, {r0}\n muls r0, r4, r0\n" EK_SPLIT_TWO("r0")
/* One channel: r4 is U of the four activations. */
#define EK_ONES                                                                                    \
    ".balign 4\n"                                                                                  \
    "31: ldr r5, [sp, #68]\n"                                                                      \
    "32: ldmia r7!, {r4}\n eors r4, r5\n ldmia r6!, {r0-r3}\n muls r0, r4, r0\n"                   \
    "lsrs r4, r4, #8\n muls r1, r4, r1\n lsrs r4, r4, #8\n muls r2, r4, r2\n"                      \
    "lsrs r4, r4, #8\n muls r3, r4, r3\n adds r0, r0, r1\n adds r2, r2, r3\n"                      \
    "add r11, r0\n add r11, r2\n" EK_ROW_END "bne 32b\n"
/* 32 and 40 bytes of code: entered so many channels further on as are skipped. */
#define EK_PUT_SHORT(sum) EK_VALUE(sum) "lsrs r3, r3, #24\n strb r3, [r6]\n add r6, lr\n"
#define EK_PUT_BENT(sum)                                                                           \
    EK_VALUE(sum) "ldmia r7!, {r1, r2}\n cmp r0, r1\n bhs 1f\n subs r3, r3, r2\n"                  \
    "1: lsrs r3, r3, #24\n strb r3, [r6]\n add r6, lr\n"

__attribute__((naked, noinline, unused)) static void
ek_sweep_any_s8(__attribute__((unused)) const ek_sweep_t *sweep)
{
    __asm__ volatile(
        EK_SWEEP_BEGIN("76")
        "ldmia r0!, {r2-r7}\n stmia r1!, {r2-r7}\n"
        /* r12: the loop for this width and run */
        "ldr r0, [sp, #44]\n adr r1, 31f\n cmp r6, #1\n beq 2f\n adr r1, 24f\n cmp r6, #2\n"
        "beq 1f\n adr r1, 14f\n cmp r0, #4\n beq 2f\n adr r1, 12f\n cmp r0, #2\n beq 2f\n"
        "adr r1, 11f\n b 2f\n"
        "1: cmp r0, #4\n beq 2f\n adr r1, 22f\n cmp r0, #2\n beq 2f\n adr r1, 21f\n"
        "2: mov r12, r1\n"
        /* sp + 72: where outputs begin */
        "adr r0, 60f\n cmp r4, #0\n beq 2f\n"
        "adr r0, 61f\n movs r1, #32\n cmp r4, #1\n beq 1f\n adr r0, 62f\n movs r1, #40\n"
        "1: muls r1, r3, r1\n adds r0, r0, r1\n"
        "2: str r0, [sp, #72]\n"
        EK_WINDOW("ldr r0, [sp, #60]\n")
        EK_FOURS "b 5f\n" EK_FOURS_APART EK_TWOS EK_TWOS_APART EK_ONES EK_ROW
        "ldr r0, [sp, #48]\n mov lr, r0\n ldr r0, [sp, #72]\n mov pc, r0\n"
        ".balign 4\n"
        "61: " EK_PUT_SHORT("r8") EK_PUT_SHORT("r9") EK_PUT_SHORT("r10") EK_PUT_SHORT("r11") "b 8f\n"
        ".balign 4\n"
        "62: " EK_PUT_BENT("r8") EK_PUT_BENT("r9") EK_PUT_BENT("r10") EK_PUT_BENT("r11") "b 8f\n"
        ".balign 4\n"
        "60: mov r0, r8\n mov r1, r9\n mov r2, r10\n mov r3, r11\n stmia r6!, {r0-r3}\n"
        "8: ldr r6, [sp, #4]\n" EK_WINDOW_END("76"));
}

#elif defined(__ARM_ARCH_7M__)

#include "ek_sweep_m3.h"

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

/* Two words of lanes for each activation, or one. */
EK_INLINE void ek_sweep_lanes(const ek_sweep_t *s, int32_t *sums)
{
    const int8_t *x = s->in;
    const int32_t words = s->width / 2;
    uint32_t lanes[2] = {0, 0};
    int32_t used = 0;
    for (const uint32_t *w = s->lanes; w != s->lanes_end; w += words) {
        if (used && 4 * words * used % s->row_lanes == 0)
            x += s->row_gap;
        const uint32_t value = (uint32_t)*x++;
        for (int32_t i = 0; i < words; i++)
            lanes[2 - words + i] += value * w[i];
        if (++used % s->run == 0)
            ek_sweep_split(sums, lanes);
    }
}

EK_INLINE int32_t ek_sweep_one(const ek_sweep_t *s)
{
    const int8_t *x = s->in;
    uint32_t sum = (uint32_t)s->first;
    for (const uint32_t *w = s->lanes; w != s->lanes_end; w += 4, x += 4) {
        uint32_t four;
        if (w != s->lanes && 4 * (w - s->lanes) % s->row_lanes == 0)
            x += s->row_gap;
        __builtin_memcpy(&four, __builtin_assume_aligned(x, 4), sizeof four);
        four ^= s->turn;
        sum += w[0] * four + w[1] * (four >> 8) + w[2] * (four >> 16) + w[3] * (four >> 24);
    }
    return (int32_t)sum;
}

EK_INLINE void ek_sweep_put(const ek_sweep_t *s, const int32_t *sums)
{
    const uint32_t *factors = s->factors;
    if (s->sides == 0)
        __builtin_memcpy(s->out, sums, 4 * sizeof *sums);
    for (int32_t i = s->skip; s->sides && i < 4; i++) {
        int8_t *const out = s->out + (i - s->skip) * s->out_channel;
        *out = s->sides == 2 ? ek_shorten_bent(sums[i], factors) : ek_shorten(sums[i], factors);
        factors += s->sides == 2 ? EK_BENT_FACTORS : EK_FACTORS;
    }
}

static inline void ek_sweep_any_s8(const ek_sweep_t *sweep)
{
    ek_sweep_t s = *sweep;
    while (s.out != s.out_end) {
        int32_t sums[4] = {0, 0, 0, s.first};
        if (s.width == 1)
            sums[3] = ek_sweep_one(&s);
        else
            ek_sweep_lanes(&s, sums);
        ek_sweep_put(&s, sums);
        s.out += s.out_step;
        s.in += s.in_step;
    }
}

static inline void ek_sweep_s8(const ek_sweep_t *sweep)
{
    ek_sweep_any_s8(sweep);
}

#endif

#endif
