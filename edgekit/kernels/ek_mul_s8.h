/* ek_mul_s8: product of two tensors of any scales, either stretched along some axes.
 *
 *   first, second, out   int8, as ek_elementwise_s8.h walks them
 *
 * Rounding   the product of the two integers is scaled to the output's with the two roundings of
 *            ek_requantize.h; as the TFLite reference kernel.
 * Requires   offsets in -127..128, so that a product is at most 255 * 255 < 2^16; shift <= 14, so
 *            that it can be shifted left by that much.
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 * Scratch    none.  Allocates: never.  Fails: never (ops/mul.py checks).
 */
#ifndef EK_MUL_S8_H
#define EK_MUL_S8_H

#include "ek_elementwise_s8.h"

typedef struct {
    ek_elementwise_s8_loops loops;
    int32_t first_offset, second_offset;
    int32_t output_multiplier, output_shift, output_offset;
    int32_t output_min, output_max;
} ek_mul_s8_params;

EK_INLINE int8_t ek_mul_s8_one(const void *params, int32_t first, int32_t second)
{
    const ek_mul_s8_params *p = params;
    const int32_t product = (first + p->first_offset) * (second + p->second_offset);
    const int32_t scaled = ek_elementwise_s8_scale(product, p->output_multiplier, p->output_shift);
    return (int8_t)ek_clamp(scaled + p->output_offset, p->output_min, p->output_max);
}

EK_INLINE void ek_mul_s8(const ek_mul_s8_params *p, const int8_t *first, const int8_t *second,
                         int8_t *out)
{
    ek_elementwise_s8(&p->loops, ek_mul_s8_one, p, first, second, out);
}

#endif
