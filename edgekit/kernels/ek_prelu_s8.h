/* ek_prelu_s8: x where x >= 0, alpha * x elsewhere; x or alpha stretched along some axes.
 *
 *   x, alpha, out   int8 of any scales, as ek_elementwise_s8.h walks them
 *
 * Rounding   as the TFLite reference kernel: x, or the product of the two integers, is scaled to
 *            the output's with the two roundings of ek_requantize.h.
 * Requires   offsets in -127..128, so that a product is at most 255 * 255 < 2^16; both shifts
 *            <= 14, so that it can be shifted left by that much.
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 * Scratch    none.  Allocates: never.  Fails: never (ops/prelu.py checks).
 */
#ifndef EK_PRELU_S8_H
#define EK_PRELU_S8_H

#include "ek_elementwise_s8.h"

typedef struct {
    ek_elementwise_s8_loops loops;
    int32_t x_offset, alpha_offset, output_offset;
    int32_t positive_multiplier, positive_shift; /* of x */
    int32_t negative_multiplier, negative_shift; /* of alpha * x */
} ek_prelu_s8_params;

EK_INLINE int8_t ek_prelu_s8_one(const void *params, int32_t first, int32_t second)
{
    const ek_prelu_s8_params *p = params;
    const int32_t x = first + p->x_offset;
    const int32_t scaled =
        x >= 0 ? ek_elementwise_s8_scale(x, p->positive_multiplier, p->positive_shift)
               : ek_elementwise_s8_scale(x * (second + p->alpha_offset), p->negative_multiplier,
                                         p->negative_shift);
    return (int8_t)ek_clamp(scaled + p->output_offset, INT8_MIN, INT8_MAX);
}

EK_INLINE void ek_prelu_s8(const ek_prelu_s8_params *p, const int8_t *x, const int8_t *alpha,
                           int8_t *out)
{
    ek_elementwise_s8(&p->loops, ek_prelu_s8_one, p, x, alpha, out);
}

#endif
