/* ek_lanes_dense_m0plus: weights that are met once, times one row of inputs, for Armv6-M and Armv7-M
 * (Cortex-M3): the sums of four or two outputs.
 *
 * A word of flash has four weights of outputs a, b, c, d as a + 2^8 c + 2^16 b + 2^24 d, each with 128
 * added. Two masks would make two words of two lanes of it; here the first word is masked, a + 2^16 b,
 * and the second only shifted: c + 2^8 b + 2^16 d. Sums of products by inputs are modulo 2^32, so 2^8
 * times the sum of b comes off the second word's sum once it is known, and what the 128 have added
 * comes off both before: it depends on the sum of the inputs alone. Lanes are emptied after a run of
 * `run` inputs, in which no lane leaves -2^15..2^15 - 1, whatever the inputs are. Each run starts at
 * 2^15, so that the lower lane is never negative and an arithmetic shift gives the upper one.
 *
 *   x        [runs][2 + run] int32: what both words' sums start at, then the inputs
 *   weights  four outputs: [runs][run] words as above. Two outputs: [runs][run / 2] words of two
 *            inputs 0 and 1: a0 + 2^8 a1 + 2^16 b0 + 2^24 b1, each with 128 added. At multiples of 4.
 *   found    four outputs: the sums of both words over all runs, then those of their upper lanes; two
 *            outputs: the sum of words, then that of upper lanes. The lower lane is what is left when
 *            2^16 times the upper one and 2^15 for each run are taken off.
 *
 * Requires   run is 4 or 2; at least one run.
 *
 * The loops stay where code is, in flash on a Pico: they are short enough for its cache, and wait for
 * weights from there as it is.
 */
#ifndef EK_LANES_DENSE_M0PLUS_H
#define EK_LANES_DENSE_M0PLUS_H

#include <stdint.h>

#include "ek_compiler.h"

#define EK_DENSE_START 0x8000u /* of each run */

/* The words of a run whose inputs follow. */
EK_INLINE void ek_dense_starts(int32_t total, uint32_t *x)
{
    x[0] = EK_DENSE_START - (uint32_t)total * (128u * 0x10001u);
    x[1] = x[0] - (uint32_t)total * (128u * 0x100u);
}

/* `size` inputs as runs, the last one filled up with zeros to a multiple of 4. */
EK_INLINE void ek_dense_prepare_any(const int8_t *in, int32_t size, int32_t run, uint32_t *x)
{
    for (int32_t i = 0; i < (size + 3) / 4 * 4; i += run, x += 2 + run) {
        int32_t total = 0;
        for (int32_t k = 0; k < run; k++) {
            const int32_t value = i + k < size ? in[i + k] : 0;
            x[2 + k] = (uint32_t)value;
            total += value;
        }
        ek_dense_starts(total, x);
    }
}

#if defined(__ARM_ARCH_6M__)

#define EK_DENSE_FUNCTION __attribute__((naked, noinline, unused)) static void
#define EK_DENSE_SAVE                                                                              \
    ".syntax unified\n"                                                                            \
    "push {r3-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n push {r4-r7}\n"

/* Runs of 4 from whole words of inputs, at a multiple of 4 bytes, up to `end` of x.
 * r0 in, r1 x, r2 r3 starts, r4..r7 inputs, r12 2^15, lr end. */
EK_DENSE_FUNCTION ek_dense_prepare_words(__attribute__((unused)) const int8_t *in,
                                         __attribute__((unused)) uint32_t *x,
                                         __attribute__((unused)) const uint32_t *end)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r7, lr}\n mov lr, r2\n movs r3, #1\n lsls r3, r3, #15\n mov r12, r3\n"
        "1: ldmia r0!, {r7}\n sxtb r4, r7\n asrs r7, r7, #8\n sxtb r5, r7\n asrs r7, r7, #8\n"
        "sxtb r6, r7\n asrs r7, r7, #8\n adds r3, r4, r5\n adds r2, r6, r7\n adds r3, r3, r2\n"
        "rsbs r3, r3, #0\n lsls r2, r3, #16\n adds r2, r2, r3\n lsls r2, r2, #7\n add r2, r12\n"
        "lsls r3, r3, #15\n adds r3, r3, r2\n"
        "stmia r1!, {r2-r7}\n cmp r1, lr\n bne 1b\n"
        "pop {r4-r7, pc}\n");
}

/* r0 r1 lanes, r2 input, r3 r4 weights, r5 mask, r6 weights, r7 x; r8 r9 sums, r10 r11 of upper
 * lanes, r12 end of x. */
#define EK_DENSE_BEGIN                                                                             \
    EK_DENSE_SAVE                                                                                  \
    "mov r12, r2\n mov r6, r0\n mov r7, r1\n movs r5, #255\n lsls r4, r5, #16\n orrs r5, r4\n"     \
    "movs r4, #0\n mov r8, r4\n mov r9, r4\n mov r10, r4\n mov r11, r4\n"
#define EK_DENSE_END(sums, count)                                                                  \
    "cmp r7, r12\n bne 1b\n ldr r4, [sp, #16]\n" sums "stmia r4!, {" count "}\n"                   \
    "pop {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n pop {r3-r7, pc}\n"
/* An odd number of runs begins with the second of a pair. */
#define EK_DENSE_PAIRS(odd, run)                                                                   \
    "subs r2, r2, r1\n lsls r2, r2, #31 - " odd "\n bpl 1f\n b 2f\n1: " run "2: " run

#define EK_DENSE_FOUR_ADD                                                                          \
    "ldmia r6!, {r3}\n lsrs r4, r3, #8\n ands r3, r5\n muls r4, r2, r4\n muls r3, r2, r3\n"        \
    "adds r1, r1, r4\n adds r0, r0, r3\n"
#define EK_DENSE_FOUR_NEXT "ldmia r7!, {r2}\n" EK_DENSE_FOUR_ADD
#define EK_DENSE_FOUR_SPLIT                                                                        \
    "add r8, r0\n asrs r0, r0, #16\n add r10, r0\n lsls r0, r0, #8\n subs r1, r1, r0\n"            \
    "add r9, r1\n asrs r1, r1, #16\n add r11, r1\n"
#define EK_DENSE_FOUR_OF_2                                                                         \
    "ldmia r7!, {r0, r1, r2}\n" EK_DENSE_FOUR_ADD EK_DENSE_FOUR_NEXT EK_DENSE_FOUR_SPLIT
#define EK_DENSE_FOUR_OF_4                                                                         \
    "ldmia r7!, {r0, r1, r2}\n" EK_DENSE_FOUR_ADD EK_DENSE_FOUR_NEXT EK_DENSE_FOUR_NEXT            \
    EK_DENSE_FOUR_NEXT EK_DENSE_FOUR_SPLIT

#define EK_DENSE_TWO_ADD(even, odd)                                                                \
    "ldmia r6!, {r3}\n lsrs r4, r3, #8\n ands r3, r5\n ands r4, r5\n muls r3, " even ", r3\n"      \
    "muls r4, " odd ", r4\n adds r0, r0, r3\n adds r0, r0, r4\n"
#define EK_DENSE_TWO_SPLIT "add r8, r0\n asrs r0, r0, #16\n add r10, r0\n"
#define EK_DENSE_TWO_FIRST                                                                         \
    "ldmia r7!, {r0, r1, r2}\n ldmia r7!, {r1}\n" EK_DENSE_TWO_ADD("r2", "r1")
#define EK_DENSE_TWO_OF_2 EK_DENSE_TWO_FIRST EK_DENSE_TWO_SPLIT
#define EK_DENSE_TWO_OF_4                                                                          \
    EK_DENSE_TWO_FIRST "ldmia r7!, {r1, r2}\n" EK_DENSE_TWO_ADD("r1", "r2") EK_DENSE_TWO_SPLIT

#define EK_DENSE_FOUR_SUMS "mov r0, r8\n mov r1, r9\n mov r2, r10\n mov r3, r11\n"
#define EK_DENSE_TWO_SUMS "mov r0, r8\n mov r2, r10\n"

#elif defined(__ARM_ARCH_7M__)

#define EK_DENSE_FUNCTION __attribute__((naked, noinline, unused)) static void

/* As Armv6-M's. r0 in, r1 x, r2 end, r3 r4 starts, r5..r8 inputs. */
EK_DENSE_FUNCTION ek_dense_prepare_words(__attribute__((unused)) const int8_t *in,
                                         __attribute__((unused)) uint32_t *x,
                                         __attribute__((unused)) const uint32_t *end)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r8, lr}\n"
        "1: ldr r8, [r0], #4\n sxtb r5, r8\n sbfx r6, r8, #8, #8\n sbfx r7, r8, #16, #8\n"
        "asr r8, r8, #24\n add r4, r5, r6\n add r12, r7, r8\n add r4, r4, r12\n"
        "add r12, r4, r4, lsl #16\n mov r3, #0x8000\n sub r3, r3, r12, lsl #7\n"
        "sub r4, r3, r4, lsl #15\n stmia r1!, {r3-r8}\n cmp r1, r2\n bne 1b\n"
        "pop {r4-r8, pc}\n");
}

/* r0 weights, r1 x, r2 end of x, r3 r4 lanes, r5 r6 inputs, r7 r12 lr weights; r8 r9 sums, r10 r11
 * of upper lanes. */
#define EK_DENSE_BEGIN                                                                             \
    ".syntax unified\n"                                                                            \
    "push {r3-r11, lr}\n mov r8, #0\n mov r9, #0\n mov r10, #0\n mov r11, #0\n"
#define EK_DENSE_END(sums, count)                                                                  \
    "cmp r1, r2\n bne 1b\n pop {r4}\n" sums "stmia r4!, {" count "}\n pop {r4-r11, pc}\n"
#define EK_DENSE_PAIRS(odd, run)                                                                   \
    "sub r3, r2, r1\n lsls r3, r3, #31 - " odd "\n bmi 2f\n1: " run "2: " run

#define EK_DENSE_FOUR_ADD(word, input)                                                             \
    "lsr lr, " word ", #8\n and " word ", " word ", #0xff00ff\n mla r4, lr, " input ", r4\n"       \
    "mla r3, " word ", " input ", r3\n"
#define EK_DENSE_FOUR_FIRST                                                                        \
    "ldmia r1!, {r3-r6}\n ldmia r0!, {r7, r12}\n" EK_DENSE_FOUR_ADD("r7", "r5")                    \
    EK_DENSE_FOUR_ADD("r12", "r6")
#define EK_DENSE_FOUR_SPLIT                                                                        \
    "add r8, r8, r3\n asr r3, r3, #16\n add r10, r10, r3\n sub r4, r4, r3, lsl #8\n"               \
    "add r9, r9, r4\n add r11, r11, r4, asr #16\n"
#define EK_DENSE_FOUR_OF_2 EK_DENSE_FOUR_FIRST EK_DENSE_FOUR_SPLIT
#define EK_DENSE_FOUR_OF_4                                                                         \
    EK_DENSE_FOUR_FIRST "ldmia r1!, {r5, r6}\n ldmia r0!, {r7, r12}\n"                             \
    EK_DENSE_FOUR_ADD("r7", "r5") EK_DENSE_FOUR_ADD("r12", "r6") EK_DENSE_FOUR_SPLIT

#define EK_DENSE_TWO_ADD(word)                                                                     \
    "lsr lr, " word ", #8\n and " word ", " word ", #0xff00ff\n and lr, lr, #0xff00ff\n"           \
    "mla r3, " word ", r5, r3\n mla r3, lr, r6, r3\n"
#define EK_DENSE_TWO_SPLIT "add r8, r8, r3\n add r10, r10, r3, asr #16\n"
#define EK_DENSE_TWO_OF_2                                                                          \
    "ldmia r1!, {r3-r6}\n ldr r7, [r0], #4\n" EK_DENSE_TWO_ADD("r7") EK_DENSE_TWO_SPLIT
#define EK_DENSE_TWO_OF_4                                                                          \
    "ldmia r1!, {r3-r6}\n ldmia r0!, {r7, r12}\n" EK_DENSE_TWO_ADD("r7")                           \
    "ldmia r1!, {r5, r6}\n" EK_DENSE_TWO_ADD("r12") EK_DENSE_TWO_SPLIT

#define EK_DENSE_FOUR_SUMS "mov r0, r8\n mov r1, r9\n mov r2, r10\n mov r3, r11\n"
#define EK_DENSE_TWO_SUMS "mov r0, r8\n mov r2, r10\n"

#endif

#ifdef EK_DENSE_FUNCTION

/* All weights of four or two outputs, by runs of 2 or 4; the place of the bit that says whether the
 * number of runs is odd, in bytes of x: a run is 16 or 24 of them. */
#define EK_DENSE_LOOP(name, odd, run, sums, count)                                                 \
    EK_DENSE_FUNCTION name(                                                                        \
        __attribute__((unused)) const int8_t *weights, __attribute__((unused)) const uint32_t *x,  \
        __attribute__((unused)) const uint32_t *end, __attribute__((unused)) uint32_t *found)      \
    {                                                                                              \
        __asm__ volatile(EK_DENSE_BEGIN EK_DENSE_PAIRS(odd, run) EK_DENSE_END(sums, count));       \
    }
EK_DENSE_LOOP(ek_dense_four_by_4, "3", EK_DENSE_FOUR_OF_4, EK_DENSE_FOUR_SUMS, "r0-r3")
EK_DENSE_LOOP(ek_dense_four_by_2, "4", EK_DENSE_FOUR_OF_2, EK_DENSE_FOUR_SUMS, "r0-r3")
EK_DENSE_LOOP(ek_dense_two_by_4, "3", EK_DENSE_TWO_OF_4, EK_DENSE_TWO_SUMS, "r0, r2")
EK_DENSE_LOOP(ek_dense_two_by_2, "4", EK_DENSE_TWO_OF_2, EK_DENSE_TWO_SUMS, "r0, r2")

#else

/* The same in C, lanes and all, so that tests on any machine see what the assembly would do. */
EK_INLINE uint32_t ek_dense_word(const int8_t *weights)
{
    uint32_t word;
    __builtin_memcpy(&word, weights, sizeof word);
    return word;
}

EK_INLINE uint32_t ek_dense_upper(uint32_t lanes)
{
    return (uint32_t)((int32_t)lanes >> 16);
}

EK_INLINE void ek_dense_four(const int8_t *weights, const uint32_t *x, const uint32_t *end,
                             int32_t run, uint32_t *found)
{
    found[0] = found[1] = found[2] = found[3] = 0;
    for (; x != end; x += 2 + run) {
        uint32_t first = x[0], second = x[1];
        for (int32_t i = 0; i < run; i++, weights += 4) {
            first += (ek_dense_word(weights) & 0x00FF00FFu) * x[2 + i];
            second += (ek_dense_word(weights) >> 8) * x[2 + i];
        }
        second -= ek_dense_upper(first) << 8;
        found[0] += first;
        found[1] += second;
        found[2] += ek_dense_upper(first);
        found[3] += ek_dense_upper(second);
    }
}

EK_INLINE void ek_dense_two(const int8_t *weights, const uint32_t *x, const uint32_t *end,
                            int32_t run, uint32_t *found)
{
    found[0] = found[1] = 0;
    for (; x != end; x += 2 + run) {
        uint32_t lanes = x[0];
        for (int32_t i = 0; i < run; i += 2, weights += 4) {
            lanes += (ek_dense_word(weights) & 0x00FF00FFu) * x[2 + i];
            lanes += ((ek_dense_word(weights) >> 8) & 0x00FF00FFu) * x[3 + i];
        }
        found[0] += lanes;
        found[1] += ek_dense_upper(lanes);
    }
}

#define EK_DENSE_LOOP(name, outputs, run)                                                          \
    EK_INLINE void name(const int8_t *weights, const uint32_t *x, const uint32_t *end,             \
                        uint32_t *found)                                                           \
    {                                                                                              \
        outputs(weights, x, end, run, found);                                                      \
    }
EK_DENSE_LOOP(ek_dense_four_by_4, ek_dense_four, 4)
EK_DENSE_LOOP(ek_dense_four_by_2, ek_dense_four, 2)
EK_DENSE_LOOP(ek_dense_two_by_4, ek_dense_two, 4)
EK_DENSE_LOOP(ek_dense_two_by_2, ek_dense_two, 2)

#endif

/* A row of the input as runs. */
EK_INLINE void ek_dense_prepare(const int8_t *in, int32_t size, int32_t run, uint32_t *x)
{
#ifdef EK_DENSE_FUNCTION
    if (run == 4 && size >= 4 && ((uintptr_t)in & 3) == 0) {
        const int32_t words = size / 4;
        ek_dense_prepare_words(in, x, x + 6 * words);
        ek_dense_prepare_any(in + 4 * words, size % 4, run, x + 6 * words);
        return;
    }
#endif
    ek_dense_prepare_any(in, size, run, x);
}

/* The sum of one output's weights, as TFLite stores them, by inputs at a multiple of 4 bytes or not. */
#if defined(__ARM_ARCH_6M__)
#define EK_DENSE_ONE_NEXT                                                                          \
    "sxtb r5, r4\n sxtb r6, r3\n muls r5, r6, r5\n adds r2, r2, r5\n asrs r3, r3, #8\n"            \
    "asrs r4, r4, #8\n"
/* r0 in, r1 weights, r2 sum, r3 r4 words, r12 end of the inputs; gives the sum in r0. */
__attribute__((naked, noinline, unused)) static int32_t
ek_dense_one_by_words(__attribute__((unused)) const int8_t *in,
                      __attribute__((unused)) const int8_t *weights,
                      __attribute__((unused)) const int8_t *end)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r6, lr}\n mov r12, r2\n movs r2, #0\n"
        "1: ldmia r0!, {r3}\n ldmia r1!, {r4}\n" EK_DENSE_ONE_NEXT EK_DENSE_ONE_NEXT EK_DENSE_ONE_NEXT
        "muls r4, r3, r4\n adds r2, r2, r4\n cmp r0, r12\n bne 1b\n"
        "mov r0, r2\n pop {r4-r6, pc}\n");
}
#endif

EK_INLINE int32_t ek_dense_one(const int8_t *in, const int8_t *weights, int32_t size)
{
    int32_t sum = 0, i = 0;
#if defined(__ARM_ARCH_6M__)
    if (size >= 4 && ((uintptr_t)in & 3) == 0) {
        i = size / 4 * 4;
        sum = ek_dense_one_by_words(in, weights, in + i);
    }
#endif
#pragma GCC unroll 4
    for (; i < size; i++)
        sum += in[i] * weights[i];
    return sum;
}

#endif
