/* ek_add_s8: sum of two tensors of any scales, either stretched along some axes.
 *
 *   first   int8, its value for output [a][b][c] at a * first_a + b * first_b + c * first_c
 *   second  int8, likewise; a step is 0 where the input is stretched
 *   out     [a][b][c]   int8
 *
 * Rounding   each input, shifted left by EK_ADD_HEADROOM, is scaled to twice the larger input
 *            scale, then their sum to the output's, each with the two roundings of
 *            ek_requantize.h; as the TFLite reference kernel.
 * Requires   offsets in -127..128, so that an input is at most 255 << 20 < EK_SMALL_SUM; input
 *            factors <= 1/2, so that the sum is as well; every shift in -31..0.
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 * Scratch    none.  Allocates: never.  Fails: never (ops/add.py checks).
 */
#ifndef EK_ADD_S8_H
#define EK_ADD_S8_H

#include "ek_requantize.h"

#define EK_ADD_HEADROOM 20

typedef struct {
    int32_t a, b, c;
    int32_t first_a, first_b, first_c;
    int32_t second_a, second_b, second_c;
    int32_t first_offset, first_multiplier, first_shift;
    int32_t second_offset, second_multiplier, second_shift;
    int32_t output_multiplier, output_shift, output_offset;
    int32_t output_min, output_max;
} ek_add_s8_params;

/* x * multiplier * 2^(shift - 31) for |x| < EK_SMALL_SUM and shift in -31..0. */
EK_INLINE int32_t ek_add_s8_scale(int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t high = ek_high_multiply_small(x, multiplier);
    return shift == 0 ? high : ek_round_shift(high, -shift);
}

EK_INLINE int8_t ek_add_s8_one(const ek_add_s8_params *p, int32_t first, int32_t second)
{
    const int32_t x = (first + p->first_offset) * (1 << EK_ADD_HEADROOM);
    const int32_t y = (second + p->second_offset) * (1 << EK_ADD_HEADROOM);
    const int32_t sum = ek_add_s8_scale(x, p->first_multiplier, p->first_shift) +
                        ek_add_s8_scale(y, p->second_multiplier, p->second_shift);
    const int32_t scaled = ek_add_s8_scale(sum, p->output_multiplier, p->output_shift);
    return (int8_t)ek_clamp(scaled + p->output_offset, p->output_min, p->output_max);
}

EK_INLINE void ek_add_s8(const ek_add_s8_params *p, const int8_t *first, const int8_t *second,
                         int8_t *out)
{
    for (int32_t a = 0; a < p->a; a++) {
        for (int32_t b = 0; b < p->b; b++) {
            const int8_t *x = first + a * p->first_a + b * p->first_b;
            const int8_t *y = second + a * p->second_a + b * p->second_b;
            for (int32_t c = 0; c < p->c; c++)
                *out++ = ek_add_s8_one(p, x[c * p->first_c], y[c * p->second_c]);
        }
    }
}

#endif
