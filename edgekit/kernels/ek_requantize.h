/* ek_requantize: from a 32-bit sum to an int8 value.
 *
 * A real factor is multiplier * 2^(shift - 31), multiplier in [2^30, 2^31) or 0.
 * Rounding   twice, as the TFLite reference kernels: the product is cut to 32 bits with ties up,
 *            that is shifted right with ties away from zero.
 */
#ifndef EK_REQUANTIZE_H
#define EK_REQUANTIZE_H

#include <stdint.h>

#include "ek_compiler.h"

/* Bounds under which the short paths below are exact; ops check them at compile time. */
#define EK_SMALL_SUM (1 << 29)

EK_INLINE int32_t ek_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* (x * multiplier + 2^30) >> 31. */
EK_INLINE int32_t ek_high_multiply(int32_t x, int32_t multiplier)
{
    return (int32_t)(((int64_t)x * multiplier + (1 << 30)) >> 31);
}

/* The same for |x| < EK_SMALL_SUM, in 16-bit halves where a long product is slow.
 *
 * With x = xh * 2^16 + xl, xl signed, and multiplier = mh * 2^16 + ml, ml unsigned:
 * |xh| <= 2^13, so |xh * ml| < 2^29, |xl * mh| <= 2^30, and the sum of the three middle terms
 * stays below 2^31.
 */
EK_INLINE int32_t ek_high_multiply_small(int32_t x, int32_t multiplier)
{
#if EK_SLOW_LONG_MULTIPLY
    const int32_t xl = (int16_t)x;
    const int32_t xh = (x - xl) >> 16;
    const int32_t ml = multiplier & 0xFFFF;
    const int32_t mh = multiplier >> 16;
    const int32_t middle = xh * ml + xl * mh + ((xl * ml) >> 16) + (1 << 14);
    return 2 * xh * mh + (middle >> 15);
#else
    return ek_high_multiply(x, multiplier);
#endif
}

/* x / 2^exponent, ties away from zero; exponent 1..31, x > INT32_MIN. */
EK_INLINE int32_t ek_round_shift(int32_t x, int32_t exponent)
{
    return (((x + (x >> 31)) >> (exponent - 1)) + 1) >> 1;
}

/* Any int32 x, any shift in -31..30; x << shift wraps, as it does in TFLite. */
EK_INLINE int32_t ek_multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int32_t high = ek_high_multiply((int32_t)((uint32_t)x << left), multiplier);
    return right == 0 ? high : ek_round_shift(high, right);
}

/* The same for |x| < EK_SMALL_SUM and shift in -31..-1, as nearly every layer has it. */
EK_INLINE int32_t ek_multiply_by_quantized_multiplier_small(int32_t x, int32_t multiplier,
                                                            int32_t shift)
{
    return ek_round_shift(ek_high_multiply_small(x, multiplier), -shift);
}

typedef struct {
    int32_t multiplier;
    int32_t shift;
} ek_requantize_t;

/* A sum as an int8 output; `small` is a constant that says which of the two above is exact. */
EK_INLINE int8_t ek_requantize_s8(int32_t sum, ek_requantize_t by, int32_t offset, int32_t low,
                                  int32_t high, int32_t small)
{
    const int32_t scaled =
        small ? ek_multiply_by_quantized_multiplier_small(sum, by.multiplier, by.shift)
              : ek_multiply_by_quantized_multiplier(sum, by.multiplier, by.shift);
    return (int8_t)(ek_clamp(scaled, low - offset, high - offset) + offset);
}

#endif
