/* ek_dense_m0plus: weights that are met once, times one row of inputs, for Armv6-M and Armv7-M
 * (Cortex-M3): the sums of four outputs, of two or of one.
 *
 * Four outputs A, B, C, D. A word of flash has their weights for one input, 128 added to each:
 * a + 2^8 b + 2^16 c + 2^24 d. It is never taken apart. Three products are summed up modulo 2^32:
 * of the word, of the word with the bytes of its halves swapped, and of the word reversed,
 *
 *     A + 2^8 B + 2^16 C + 2^24 D,   B + 2^8 A + 2^16 D + 2^24 C,   D + 2^8 C + 2^16 B + 2^24 A
 *
 * where what the 128 add up to is taken off by what the sums start at: it depends on the sum of the
 * inputs alone. These 96 bits are as good as four sums of 24 bits each (ek_dense_four).
 *
 *   x        for each piece of a row: what the sums start at, then the inputs, as 32-bit words; the
 *            last piece filled up with zeros to a multiple of 4
 *   weights  [inputs] words as above, filled up likewise, at a multiple of 4 bytes
 *
 * Two outputs A, B beside such fours, Armv6-M. A word has their weights for inputs 0 and 1, as above:
 * a0 + 2^8 b0 + 2^16 a1 + 2^24 b1. Of one input a0 and a0 + 2^8 b0 are summed up, of the other one
 * a1 + 2^8 b1 and b1, each one instruction away from the word (ek_dense_two_of_pairs).
 *
 *   weights  [inputs / 2] words
 *
 * One or two outputs, Armv6-M, whose inputs are not unpacked in memory either. With 128 added to all
 * of them, x0 + 2^8 x1 is a half of the inputs' word, x0 the lower byte of that, and
 *
 *     2^8 (w0 x0 + w1 x1) = w1 (x0 + 2^8 x1) - (w1 - 2^8 w0) x0
 *
 * of which a half of the word of weights has w1 - 2^8 w0, and so w1 as its lower byte.
 *
 *   weights  [outputs] what the sums of those start at: -2^15 times the sum of an output's weights,
 *            for the 128; then [inputs / 4][outputs] words of two such halves. Of one output they
 *            may be `wide`: a word for each half.
 *
 * Requires   |sum of products| < 2^23 for each output, over a piece or, of one or two, over all; of
 *            pairs also that of b0 + 128; each w1 - 2^8 w0 in 16 bits; pieces of a multiple of 4
 *            inputs, but for the last one.
 *
 * The loops stay where code is, in flash on a Pico: they are short enough for its cache, and wait for
 * weights from there as it is.
 */
#ifndef EK_DENSE_M0PLUS_H
#define EK_DENSE_M0PLUS_H

#include <stdint.h>

#include "ek_compiler.h"

#define EK_DENSE_TURN 0x80808080u

#if defined(__ARM_ARCH_6M__)

#define EK_DENSE_FUNCTION __attribute__((naked, noinline, unused)) static

/* Whole words of inputs, at a multiple of 4 bytes, as 32-bit words up to `end`; gives their sum.
 * r0 in, r1 x, r2 sum, r4..r7 inputs, r12 end. */
#define EK_DENSE_UNPACK                                                                            \
    "ldmia r0!, {r7}\n sxtb r4, r7\n asrs r7, r7, #8\n sxtb r5, r7\n asrs r7, r7, #8\n"            \
    "sxtb r6, r7\n asrs r7, r7, #8\n stmia r1!, {r4-r7}\n adds r4, r4, r5\n adds r6, r6, r7\n"     \
    "adds r2, r2, r4\n adds r2, r2, r6\n"
EK_DENSE_FUNCTION int32_t ek_dense_unpack_words(__attribute__((unused)) const int8_t *in,
                                                __attribute__((unused)) uint32_t *x,
                                                __attribute__((unused)) const uint32_t *end)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r7, lr}\n mov r12, r2\n subs r3, r2, r1\n movs r2, #0\n"
        "lsls r3, r3, #31 - 4\n bmi 2f\n"
        "1: " EK_DENSE_UNPACK "2: " EK_DENSE_UNPACK "cmp r1, r12\n bne 1b\n"
        "mov r0, r2\n pop {r4-r7, pc}\n");
}

/* r0 product, r1 r2 inputs, r3 r4 weights, r6 weights, r7 x; r8..r10 sums, r12 end of x. */
#define EK_DENSE_FOUR_ADD(word, input)                                                             \
    "rev16 r0, " word "\n muls r0, " input ", r0\n add r9, r0\n"                                   \
    "rev r0, " word "\n muls r0, " input ", r0\n add r10, r0\n"                                    \
    "muls " input ", " word ", " input "\n add r8, " input "\n"
#define EK_DENSE_FOUR_INPUTS                                                                       \
    "ldmia r6!, {r3, r4}\n ldmia r7!, {r1, r2}\n"                                                  \
    EK_DENSE_FOUR_ADD("r3", "r1") EK_DENSE_FOUR_ADD("r4", "r2")                                    \
    "ldmia r6!, {r3, r4}\n ldmia r7!, {r1, r2}\n"                                                  \
    EK_DENSE_FOUR_ADD("r3", "r1") EK_DENSE_FOUR_ADD("r4", "r2")
EK_DENSE_FUNCTION void ek_dense_three_sums(__attribute__((unused)) const int8_t *weights,
                                           __attribute__((unused)) const uint32_t *x,
                                           __attribute__((unused)) const uint32_t *end,
                                           __attribute__((unused)) uint32_t *sums)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r3-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n push {r4-r6}\n"
        "mov r12, r2\n mov r6, r0\n mov r7, r1\n"
        "ldmia r7!, {r0}\n mov r8, r0\n mov r9, r0\n mov r10, r0\n"
        "subs r2, r2, r7\n lsls r2, r2, #31 - 4\n bmi 2f\n"
        "1: " EK_DENSE_FOUR_INPUTS "2: " EK_DENSE_FOUR_INPUTS "cmp r7, r12\n bne 1b\n"
        "ldr r4, [sp, #12]\n mov r0, r8\n mov r1, r9\n mov r2, r10\n stmia r4!, {r0-r2}\n"
        "pop {r4-r6}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n pop {r3-r7, pc}\n");
}

/* The same registers: the sums of a, a + 2^8 b for the first input of a pair, and of a + 2^8 b, b for
 * the second one in r8..r11. */
#define EK_DENSE_PAIR(word)                                                                        \
    "uxtb r0, " word "\n muls r0, r1, r0\n add r8, r0\n uxth r0, " word "\n muls r0, r1, r0\n"     \
    "add r9, r0\n lsrs r0, " word ", #16\n muls r0, r2, r0\n add r10, r0\n"                        \
    "lsrs " word ", " word ", #24\n muls " word ", r2, " word "\n add r11, " word "\n"
#define EK_DENSE_PAIRS                                                                             \
    "ldmia r6!, {r3, r4}\n ldmia r7!, {r1, r2}\n" EK_DENSE_PAIR("r3")                              \
    "ldmia r7!, {r1, r2}\n" EK_DENSE_PAIR("r4")
#define EK_DENSE_SAVE                                                                              \
    ".syntax unified\n"                                                                            \
    "push {r3-r7, lr}\n mov r4, r8\n mov r5, r9\n mov r6, r10\n mov r7, r11\n push {r4-r7}\n"
#define EK_DENSE_END                                                                               \
    "pop {r4-r7}\n mov r8, r4\n mov r9, r5\n mov r10, r6\n mov r11, r7\n pop {r3-r7, pc}\n"
EK_DENSE_FUNCTION void ek_dense_pair_sums(__attribute__((unused)) const int8_t *weights,
                                          __attribute__((unused)) const uint32_t *x,
                                          __attribute__((unused)) const uint32_t *end,
                                          __attribute__((unused)) uint32_t *sums)
{
    __asm__ volatile(
        EK_DENSE_SAVE
        "mov r12, r2\n mov r6, r0\n mov r7, r1\n"
        "movs r0, #0\n mov r8, r0\n mov r9, r0\n mov r10, r0\n mov r11, r0\n"
        "subs r2, r2, r7\n lsls r2, r2, #31 - 4\n bmi 2f\n"
        "1: " EK_DENSE_PAIRS "2: " EK_DENSE_PAIRS "cmp r7, r12\n bne 1b\n"
        "ldr r4, [sp, #16]\n mov r0, r8\n mov r1, r9\n mov r2, r10\n mov r3, r11\n"
        "stmia r4!, {r0-r3}\n" EK_DENSE_END);
}

/* The same from whole words of inputs, at a multiple of 4 bytes, at least one, for four outputs that
 * are alone; what the 128 add up to comes off last. r5 inputs, r11 their sum; else as of fours. */
EK_DENSE_FUNCTION void ek_dense_four_by_words(__attribute__((unused)) const int8_t *in,
                                              __attribute__((unused)) const int8_t *weights,
                                              __attribute__((unused)) const int8_t *end,
                                              __attribute__((unused)) uint32_t *sums)
{
    __asm__ volatile(
        EK_DENSE_SAVE
        "mov r12, r2\n mov r6, r1\n mov r7, r0\n"
        "movs r0, #0\n mov r8, r0\n mov r9, r0\n mov r10, r0\n mov r11, r0\n"
        "1: ldmia r7!, {r5}\n ldmia r6!, {r3, r4}\n sxtb r1, r5\n asrs r5, r5, #8\n sxtb r2, r5\n"
        "asrs r5, r5, #8\n add r11, r1\n add r11, r2\n"
        EK_DENSE_FOUR_ADD("r3", "r1") EK_DENSE_FOUR_ADD("r4", "r2")
        "ldmia r6!, {r3, r4}\n sxtb r1, r5\n asrs r5, r5, #8\n add r11, r1\n add r11, r5\n"
        EK_DENSE_FOUR_ADD("r3", "r1") EK_DENSE_FOUR_ADD("r4", "r5")
        "cmp r7, r12\n bne 1b\n"
        "ldr r4, [sp, #16]\n mov r0, r8\n mov r1, r9\n mov r2, r10\n mov r3, r11\n"
        "lsls r5, r3, #8\n adds r3, r3, r5\n lsls r5, r3, #16\n adds r3, r3, r5\n lsls r3, r3, #7\n"
        "subs r0, r0, r3\n subs r1, r1, r3\n subs r2, r2, r3\n stmia r4!, {r0-r2}\n" EK_DENSE_END);
}

/* r0 inputs, r1 r2 weights, r3 of the inputs, r4 product, r5 EK_DENSE_TURN, r6 weights, r7 in;
 * r8 r10 sums, r9 r11 what is to come off them, r12 end of the inputs. */
#define EK_DENSE_BEGIN                                                                             \
    EK_DENSE_SAVE                                                                                  \
    "mov r7, r0\n mov r6, r1\n mov r12, r2\n movs r4, #0\n mov r9, r4\n mov r11, r4\n"             \
    "movs r5, #128\n lsls r4, r5, #8\n orrs r5, r4\n lsls r4, r5, #16\n orrs r5, r4\n"             \
    "subs r2, r2, r7\n"
#define EK_DENSE_TIMES(take, word, sum) take " r4, " word "\n muls r4, r3, r4\n add " sum ", r4\n"
#define EK_DENSE_TWO_ADD                                                                           \
    "ldmia r7!, {r0}\n eors r0, r5\n ldmia r6!, {r1, r2}\n uxtb r3, r0\n"                          \
    EK_DENSE_TIMES("sxth", "r1", "r9") EK_DENSE_TIMES("sxth", "r2", "r11")                         \
    "uxth r3, r0\n" EK_DENSE_TIMES("sxtb", "r1", "r8") EK_DENSE_TIMES("sxtb", "r2", "r10")         \
    "lsrs r3, r0, #16\n asrs r1, r1, #16\n asrs r2, r2, #16\n"                                     \
    EK_DENSE_TIMES("sxtb", "r1", "r8") EK_DENSE_TIMES("sxtb", "r2", "r10")                         \
    "uxtb r3, r3\n muls r1, r3, r1\n add r9, r1\n muls r2, r3, r2\n add r11, r2\n"
/* Whole words of inputs, at a multiple of 4 bytes, at least one: 2^8 times the sums of two outputs. */
EK_DENSE_FUNCTION void ek_dense_two_by_words(__attribute__((unused)) const int8_t *in,
                                             __attribute__((unused)) const int8_t *weights,
                                             __attribute__((unused)) const int8_t *end,
                                             __attribute__((unused)) uint32_t *sums)
{
    __asm__ volatile(
        EK_DENSE_BEGIN "ldmia r6!, {r0, r1}\n mov r8, r0\n mov r10, r1\n"
        "lsls r2, r2, #31 - 2\n bmi 2f\n"
        "1: " EK_DENSE_TWO_ADD "2: " EK_DENSE_TWO_ADD "cmp r7, r12\n bne 1b\n"
        "ldr r4, [sp, #16]\n mov r0, r8\n mov r1, r9\n subs r0, r0, r1\n"
        "mov r1, r10\n mov r2, r11\n subs r1, r1, r2\n stmia r4!, {r0, r1}\n" EK_DENSE_END);
}

/* The same of one output, with its pairs of weights from the word of two halves, or from two words. */
#define EK_DENSE_FROM_HALVES "ldmia r6!, {r2}\n sxth r1, r2\n asrs r2, r2, #16\n"
#define EK_DENSE_FROM_WORDS "ldmia r6!, {r1, r2}\n"
#define EK_DENSE_ONE_ADD(from)                                                                     \
    "ldmia r7!, {r0}\n eors r0, r5\n" from "uxth r3, r0\n" EK_DENSE_TIMES("sxtb", "r1", "r8")      \
    "uxtb r3, r0\n muls r1, r3, r1\n add r9, r1\n"                                                 \
    "lsrs r3, r0, #16\n" EK_DENSE_TIMES("sxtb", "r2", "r8")                                        \
    "uxtb r3, r3\n muls r2, r3, r2\n add r9, r2\n"
#define EK_DENSE_ONE(name, from)                                                                   \
    EK_DENSE_FUNCTION uint32_t name(__attribute__((unused)) const int8_t *in,                      \
                                    __attribute__((unused)) const int8_t *weights,                 \
                                    __attribute__((unused)) const int8_t *end)                     \
    {                                                                                              \
        __asm__ volatile(                                                                          \
            ".syntax unified\n"                                                                    \
            "push {r4-r7, lr}\n mov r4, r8\n mov r5, r9\n push {r4, r5}\n"                         \
            "mov r7, r0\n mov r6, r1\n mov r12, r2\n ldr r5, 7f\n"                                 \
            "ldmia r6!, {r0}\n mov r8, r0\n movs r0, #0\n mov r9, r0\n"                            \
            "subs r2, r2, r7\n lsls r2, r2, #31 - 2\n bpl 3f\n" EK_DENSE_ONE_ADD(from)             \
            "3: mov r2, r12\n subs r2, r2, r7\n beq 6f\n lsls r2, r2, #31 - 3\n bpl 5f\n"          \
            EK_DENSE_ONE_ADD(from) EK_DENSE_ONE_ADD(from) "cmp r7, r12\n beq 6f\n"                 \
            "5: " EK_DENSE_ONE_ADD(from) EK_DENSE_ONE_ADD(from) EK_DENSE_ONE_ADD(from)             \
            EK_DENSE_ONE_ADD(from) "cmp r7, r12\n bne 5b\n"                                        \
            "6: mov r0, r8\n mov r1, r9\n subs r0, r0, r1\n"                                       \
            "pop {r4, r5}\n mov r8, r4\n mov r9, r5\n pop {r4-r7, pc}\n"                           \
            ".balign 4\n7: .word 0x80808080\n");                                                   \
    }
EK_DENSE_ONE(ek_dense_one_by_halves, EK_DENSE_FROM_HALVES)
EK_DENSE_ONE(ek_dense_one_by_wide_halves, EK_DENSE_FROM_WORDS)

#elif defined(__ARM_ARCH_7M__)

#define EK_DENSE_FUNCTION __attribute__((naked, noinline, unused)) static

/* As Armv6-M's. r0 in, r1 x, r2 end, r3 sum, r4..r7 inputs. */
EK_DENSE_FUNCTION int32_t ek_dense_unpack_words(__attribute__((unused)) const int8_t *in,
                                                __attribute__((unused)) uint32_t *x,
                                                __attribute__((unused)) const uint32_t *end)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r7, lr}\n mov r3, #0\n"
        "1: ldr r7, [r0], #4\n sxtb r4, r7\n sbfx r5, r7, #8, #8\n sbfx r6, r7, #16, #8\n"
        "asr r7, r7, #24\n stmia r1!, {r4-r7}\n add r4, r4, r5\n add r6, r6, r7\n add r3, r3, r4\n"
        "add r3, r3, r6\n cmp r1, r2\n bne 1b\n"
        "mov r0, r3\n pop {r4-r7, pc}\n");
}

/* r0 weights, r1 x, r2 end of x, r3..r5 sums, r6..r9 weights, r10 r11 r12 lr inputs. */
#define EK_DENSE_FOUR_ADD(word, input)                                                             \
    "mla r3, " word ", " input ", r3\n rev16 " word ", " word "\n mla r4, " word ", " input        \
    ", r4\n ror " word ", " word ", #16\n mla r5, " word ", " input ", r5\n"
#define EK_DENSE_FOUR_INPUTS                                                                       \
    "ldmia r0!, {r6-r9}\n ldmia r1!, {r10, r11, r12, lr}\n"                                        \
    EK_DENSE_FOUR_ADD("r6", "r10") EK_DENSE_FOUR_ADD("r7", "r11")                                  \
    EK_DENSE_FOUR_ADD("r8", "r12") EK_DENSE_FOUR_ADD("r9", "lr")
EK_DENSE_FUNCTION void ek_dense_three_sums(__attribute__((unused)) const int8_t *weights,
                                           __attribute__((unused)) const uint32_t *x,
                                           __attribute__((unused)) const uint32_t *end,
                                           __attribute__((unused)) uint32_t *sums)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r3-r11, lr}\n ldr r3, [r1], #4\n mov r4, r3\n mov r5, r3\n"
        "sub r6, r2, r1\n lsls r6, r6, #31 - 4\n bmi 2f\n"
        "1: " EK_DENSE_FOUR_INPUTS "2: " EK_DENSE_FOUR_INPUTS "cmp r1, r2\n bne 1b\n"
        "pop {r6}\n stmia r6!, {r3-r5}\n pop {r4-r11, pc}\n");
}

/* As Armv6-M's. r0 in, r1 weights, r2 end, r3..r5 sums, r6..r9 weights, r10 r11 r12 inputs, lr their
 * sum. */
EK_DENSE_FUNCTION void ek_dense_four_by_words(__attribute__((unused)) const int8_t *in,
                                              __attribute__((unused)) const int8_t *weights,
                                              __attribute__((unused)) const int8_t *end,
                                              __attribute__((unused)) uint32_t *sums)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r3-r11, lr}\n mov r3, #0\n mov r4, #0\n mov r5, #0\n mov lr, #0\n"
        "1: ldr r12, [r0], #4\n ldmia r1!, {r6-r9}\n sxtb r10, r12\n sbfx r11, r12, #8, #8\n"
        "add lr, lr, r10\n add lr, lr, r11\n"
        EK_DENSE_FOUR_ADD("r6", "r10") EK_DENSE_FOUR_ADD("r7", "r11")
        "sbfx r10, r12, #16, #8\n asr r12, r12, #24\n add lr, lr, r10\n add lr, lr, r12\n"
        EK_DENSE_FOUR_ADD("r8", "r10") EK_DENSE_FOUR_ADD("r9", "r12")
        "cmp r0, r2\n bne 1b\n"
        "mov r6, #0x80808080\n mls r3, r6, lr, r3\n mls r4, r6, lr, r4\n mls r5, r6, lr, r5\n"
        "pop {r6}\n stmia r6!, {r3-r5}\n pop {r4-r11, pc}\n");
}

#endif

/* Adds the three products of a word of weights, each less by `less`, by an input. */
EK_INLINE void ek_dense_add(const int8_t *weights, uint32_t less, uint32_t input, uint32_t *sums)
{
    uint32_t word;
    __builtin_memcpy(&word, __builtin_assume_aligned(weights, 4), sizeof word);
    const uint32_t reversed = __builtin_bswap32(word);
    sums[0] += (word - less) * input;
    sums[1] += ((reversed >> 16 | reversed << 16) - less) * input;
    sums[2] += (reversed - less) * input;
}

#ifndef EK_DENSE_FUNCTION
/* The same in C, so that tests on any machine see what the assembly would do. */
EK_INLINE void ek_dense_three_sums(const int8_t *weights, const uint32_t *x, const uint32_t *end,
                                   uint32_t *sums)
{
    sums[0] = sums[1] = sums[2] = *x++;
    for (; x != end; x++, weights += 4)
        ek_dense_add(weights, 0, *x, sums);
}
#endif

/* How many inputs loops in assembly take where they lie. */
EK_INLINE int32_t ek_dense_in_words(const int8_t *in, int32_t size)
{
#ifdef EK_DENSE_FUNCTION
    return ((uintptr_t)in & 3) == 0 ? size / 4 * 4 : 0;
#else
    (void)in, (void)size;
    return 0;
#endif
}

/* `size` inputs, and zeros up to a multiple of 4, as 32-bit words; gives their sum. */
EK_INLINE int32_t ek_dense_unpack(const int8_t *in, int32_t size, uint32_t *x)
{
    int32_t i = ek_dense_in_words(in, size), sum = 0;
#ifdef EK_DENSE_FUNCTION
    if (i)
        sum = ek_dense_unpack_words(in, x, x + i);
#endif
    for (; i < (size + 3) / 4 * 4; i++) {
        const int32_t value = i < size ? in[i] : 0;
        x[i] = (uint32_t)value;
        sum += value;
    }
    return sum;
}

/* A row of `size` inputs in pieces of `piece`. */
EK_INLINE void ek_dense_prepare(const int8_t *in, int32_t size, int32_t piece, uint32_t *x)
{
    for (int32_t i = 0; i < size; i += piece, x += 1 + piece) {
        const int32_t sum = ek_dense_unpack(in + i, size - i < piece ? size - i : piece, x + 1);
        x[0] = 0u - EK_DENSE_TURN * (uint32_t)sum;
    }
}

/* A value of 24 bits at the top of a word. */
EK_INLINE int32_t ek_dense_top(uint32_t word)
{
    return (int32_t)word >> 8;
}

/* What three sums of words say of four outputs A, B, C, D. */
EK_INLINE void ek_dense_tell(const uint32_t *found, int32_t *sums)
{
    const uint32_t ba = found[1] - (found[2] << 16);       /* B + 2^8 A */
    const uint32_t dc = found[2] - (ba << 16);             /* D + 2^8 C */
    const uint32_t ac = found[0] - (ba << 8) - (dc << 24); /* A + 2^16 (C - A) */
    const int32_t b = ek_dense_top((ba << 8) - (ac << 16));
    const int32_t a = ek_dense_top(ba - (uint32_t)b);
    const int32_t d = ek_dense_top((dc << 8) - (ac - (uint32_t)a + ((uint32_t)a << 16)));
    sums[0] = a;
    sums[1] = b;
    sums[2] = ek_dense_top(dc - (uint32_t)d);
    sums[3] = d;
}

/* The sums of four outputs over one piece. */
EK_INLINE void ek_dense_four(const int8_t *weights, const uint32_t *x, const uint32_t *end,
                             int32_t *sums)
{
    uint32_t found[3];
    ek_dense_three_sums(weights, x, end, found);
    ek_dense_tell(found, sums);
}

/* The same over a row of `size` inputs, where they lie. */
EK_INLINE void ek_dense_four_alone(const int8_t *in, const int8_t *weights, int32_t size,
                                   int32_t *sums)
{
    uint32_t found[3];
    int32_t i = ek_dense_in_words(in, size);
    if (!i)
        found[0] = found[1] = found[2] = 0;
#ifdef EK_DENSE_FUNCTION
    if (i)
        ek_dense_four_by_words(in, weights, in + i, found);
#endif
    for (; i < size; i++)
        ek_dense_add(weights + 4 * i, EK_DENSE_TURN, (uint32_t)in[i], found);
    ek_dense_tell(found, sums);
}

#if !defined(__ARM_ARCH_6M__)
EK_INLINE void ek_dense_pair_sums(const int8_t *weights, const uint32_t *x, const uint32_t *end,
                                  uint32_t *sums)
{
    sums[0] = sums[1] = sums[2] = sums[3] = 0;
    for (; x != end; x += 2, weights += 4) {
        uint32_t word;
        __builtin_memcpy(&word, __builtin_assume_aligned(weights, 4), sizeof word);
        sums[0] += (word & 0xFFu) * x[0];
        sums[1] += (word & 0xFFFFu) * x[0];
        sums[2] += (word >> 16) * x[1];
        sums[3] += (word >> 24) * x[1];
    }
}
#endif

/* The sums of two outputs over a row in one piece. */
EK_INLINE void ek_dense_two_of_pairs(const int8_t *weights, const uint32_t *x, const uint32_t *end,
                                     int32_t *sums)
{
    uint32_t found[4];
    ek_dense_pair_sums(weights, x + 1, end, found);
    const uint32_t more = x[0] - (x[0] << 8); /* -128 times the sum of the inputs */
    sums[0] = (int32_t)(found[0] + found[2] - (found[3] << 8) + more);
    sums[1] = (int32_t)(found[3] + (uint32_t)ek_dense_top(found[1] - found[0]) + more);
}

/* Four weights of a word, in halves or, if `wide`, in words, times one of inputs, to 2^8 times the sum
 * of one output. */
EK_INLINE uint32_t ek_dense_halves(const int8_t *weights, int32_t wide, uint32_t inputs)
{
    int16_t half[4];
    __builtin_memcpy(half, __builtin_assume_aligned(weights, 4), wide ? 8 : 4);
    const uint32_t low = inputs & 0xFFFFu, high = inputs >> 16;
    const int16_t first = half[0], second = half[wide ? 2 : 1];
    return (uint32_t)(int8_t)first * low - (uint32_t)first * (low & 0xFFu) +
           (uint32_t)(int8_t)second * high - (uint32_t)second * (high & 0xFFu);
}

/* Up to four inputs as a word, 128 added to each. */
EK_INLINE uint32_t ek_dense_inputs(const int8_t *in, int32_t count)
{
    uint32_t word = 0;
    for (int32_t i = 0; i < 4; i++)
        word |= i < count ? (uint32_t)(uint8_t)in[i] << 8 * i : 0;
    return word ^ EK_DENSE_TURN;
}

/* The sums of one or two outputs; `wide` is for one. */
EK_INLINE void ek_dense_few(const int8_t *in, const int8_t *weights, int32_t size, int32_t outputs,
                            int32_t wide, int32_t *sums)
{
    uint32_t found[2];
    int32_t i = 0;
#if defined(__ARM_ARCH_6M__)
    i = ek_dense_in_words(in, size);
    if (i && outputs == 2)
        ek_dense_two_by_words(in, weights, in + i, found);
    else if (i)
        found[0] = (wide ? ek_dense_one_by_wide_halves : ek_dense_one_by_halves)(in, weights, in + i);
#endif
    if (!i)
        __builtin_memcpy(found, __builtin_assume_aligned(weights, 4), 4 * (uint32_t)outputs);
    for (; i < size; i += 4)
        for (int32_t c = 0; c < outputs; c++)
            found[c] += ek_dense_halves(weights + 4 * (outputs + c) + i * (wide ? 2 : outputs), wide,
                                        ek_dense_inputs(in + i, size - i));
    for (int32_t c = 0; c < outputs; c++)
        sums[c] = ek_dense_top(found[c]);
}

#endif
