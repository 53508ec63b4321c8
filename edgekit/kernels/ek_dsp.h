/* ek_dsp: the instructions of the DSP extension that kernels use, and what each does in plain C.
 *
 * Cortex-M4, M7, M33 with DSP. The C beside each instruction gives the same result: kernels built of
 * these run, and are tested, everywhere.
 *
 * A "pair" is two int16 in one word. Four int8 a, b, c, d in a word become the pairs (a, c) and
 * (b, d): the order in which SXTB16 takes them. Sums of products do not care, so long as weights and
 * activations are taken in the same order.
 */
#ifndef EK_DSP_H
#define EK_DSP_H

#include <stdint.h>

#include "ek_compiler.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#define EK_HAS_DSP 1
#else
#define EK_HAS_DSP 0
#endif

/* Four int8 from any address, the first in the lowest bits. */
EK_INLINE uint32_t ek_dsp_load(const int8_t *x)
{
    uint32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    return word;
}

EK_INLINE int32_t ek_dsp_low(uint32_t pair)
{
    return (int16_t)(pair & 0xFFFFu);
}

EK_INLINE int32_t ek_dsp_high(uint32_t pair)
{
    return (int16_t)(pair >> 16);
}

/* Two int16 as a pair. */
EK_INLINE uint32_t ek_dsp_pack(int32_t low, int32_t high)
{
    return ((uint32_t)low & 0xFFFFu) | ((uint32_t)high << 16);
}

/* Bytes 0 and 2 of a word as a pair. */
EK_INLINE uint32_t ek_dsp_even(uint32_t word)
{
#if EK_HAS_DSP
    uint32_t pair;
    __asm("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
    return pair;
#else
    const uint32_t low = (uint32_t)(int8_t)(word & 0xFFu) & 0xFFFFu;
    return low | ((uint32_t)(int8_t)((word >> 16) & 0xFFu) << 16);
#endif
}

/* Bytes 1 and 3 of a word as a pair. */
EK_INLINE uint32_t ek_dsp_odd(uint32_t word)
{
#if EK_HAS_DSP
    uint32_t pair;
    __asm("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
    return pair;
#else
    return ek_dsp_even(word >> 8);
#endif
}

/* For each of four int8, the larger of a's and b's: where a >= b, SSUB8 sets what SEL asks. */
EK_INLINE uint32_t ek_dsp_larger(uint32_t a, uint32_t b)
{
#if EK_HAS_DSP
    uint32_t result;
    __asm("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(result) : "r"(a), "r"(b) : "cc");
    return result;
#else
    uint32_t result = 0;
    for (uint32_t place = 0; place < 32; place += 8) {
        const uint32_t one = (a >> place) & 0xFFu, other = (b >> place) & 0xFFu;
        result |= ((int8_t)one >= (int8_t)other ? one : other) << place;
    }
    return result;
#endif
}

/* The smaller: ~x is -1 - x, which turns the order around. */
EK_INLINE uint32_t ek_dsp_smaller(uint32_t a, uint32_t b)
{
    return ~ek_dsp_larger(~a, ~b);
}

/* A pair of sums, and bytes 0 and 2 of a word added to it; a sum may wrap. */
EK_INLINE uint32_t ek_dsp_add_even(uint32_t sums, uint32_t word)
{
#if EK_HAS_DSP
    uint32_t result;
    __asm("sxtab16 %0, %1, %2" : "=r"(result) : "r"(sums), "r"(word));
    return result;
#else
    const uint32_t pair = ek_dsp_even(word);
    return ((sums + pair) & 0xFFFFu) | ((sums & 0xFFFF0000u) + (pair & 0xFFFF0000u));
#endif
}

/* The same of bytes 1 and 3. */
EK_INLINE uint32_t ek_dsp_add_odd(uint32_t sums, uint32_t word)
{
#if EK_HAS_DSP
    uint32_t result;
    __asm("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(sums), "r"(word));
    return result;
#else
    return ek_dsp_add_even(sums, word >> 8);
#endif
}

/* sum + (x * the low half of a pair >> 16). */
EK_INLINE int32_t ek_dsp_wide_low(int32_t x, uint32_t pair, int32_t sum)
{
#if EK_HAS_DSP
    int32_t result;
    __asm("smlawb %0, %1, %2, %3" : "=r"(result) : "r"(x), "r"(pair), "r"(sum));
    return result;
#else
    return sum + (int32_t)(((int64_t)x * ek_dsp_low(pair)) >> 16);
#endif
}

/* The same with the high half. */
EK_INLINE int32_t ek_dsp_wide_high(int32_t x, uint32_t pair, int32_t sum)
{
#if EK_HAS_DSP
    int32_t result;
    __asm("smlawt %0, %1, %2, %3" : "=r"(result) : "r"(x), "r"(pair), "r"(sum));
    return result;
#else
    return sum + (int32_t)(((int64_t)x * ek_dsp_high(pair)) >> 16);
#endif
}

/* sum + both products of two pairs. */
EK_INLINE int32_t ek_dsp_dot(uint32_t x, uint32_t w, int32_t sum)
{
#if EK_HAS_DSP
    int32_t result;
    __asm("smlad %0, %1, %2, %3" : "=r"(result) : "r"(x), "r"(w), "r"(sum));
    return result;
#else
    return sum + ek_dsp_low(x) * ek_dsp_low(w) + ek_dsp_high(x) * ek_dsp_high(w);
#endif
}

/* sum + the product of one half of x with one of w: ek_dsp_low_high takes x's low, w's high half. */
#if EK_HAS_DSP
#define EK_DSP_ONE(name, instruction, half_of_x, half_of_w)                                        \
    EK_INLINE int32_t name(uint32_t x, uint32_t w, int32_t sum)                                    \
    {                                                                                              \
        int32_t result;                                                                            \
        __asm(instruction " %0, %1, %2, %3" : "=r"(result) : "r"(x), "r"(w), "r"(sum));            \
        return result;                                                                             \
    }
#else
#define EK_DSP_ONE(name, instruction, half_of_x, half_of_w)                                        \
    EK_INLINE int32_t name(uint32_t x, uint32_t w, int32_t sum)                                    \
    {                                                                                              \
        return sum + half_of_x(x) * half_of_w(w);                                                  \
    }
#endif
EK_DSP_ONE(ek_dsp_low_low, "smlabb", ek_dsp_low, ek_dsp_low)
EK_DSP_ONE(ek_dsp_low_high, "smlabt", ek_dsp_low, ek_dsp_high)
EK_DSP_ONE(ek_dsp_high_low, "smlatb", ek_dsp_high, ek_dsp_low)
EK_DSP_ONE(ek_dsp_high_high, "smlatt", ek_dsp_high, ek_dsp_high)

/* (x * multiplier + 2^31) >> 32. */
EK_INLINE int32_t ek_dsp_high_multiply(int32_t x, int32_t multiplier)
{
#if EK_HAS_DSP
    int32_t result;
    __asm("smmulr %0, %1, %2" : "=r"(result) : "r"(x), "r"(multiplier));
    return result;
#else
    return (int32_t)(((int64_t)x * multiplier + ((int64_t)1 << 31)) >> 32);
#endif
}

/* x / 2, cut to an int8's range. */
EK_INLINE int32_t ek_dsp_half_as_s8(int32_t x)
{
#if EK_HAS_DSP
    int32_t result;
    __asm("ssat %0, #8, %1, asr #1" : "=r"(result) : "r"(x));
    return result;
#else
    return x >> 1 < INT8_MIN ? INT8_MIN : x >> 1 > INT8_MAX ? INT8_MAX : x >> 1;
#endif
}

#endif
