/* ek_add_s8: sum of two tensors of any scales, either stretched along some axes.
 *
 *   first, second, out   int8, as ek_elementwise_s8.h walks them
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

#include "ek_elementwise_s8.h"

#define EK_ADD_HEADROOM 20

typedef struct {
    ek_elementwise_s8_loops loops;
    int32_t first_offset, first_multiplier, first_shift;
    int32_t second_offset, second_multiplier, second_shift;
    int32_t output_multiplier, output_shift, output_offset;
    int32_t output_min, output_max;
} ek_add_s8_params;

EK_INLINE int32_t ek_add_s8_first(const ek_add_s8_params *p, int32_t first)
{
    const int32_t x = (first + p->first_offset) * (1 << EK_ADD_HEADROOM);
    return ek_elementwise_s8_scale(x, p->first_multiplier, p->first_shift);
}

EK_INLINE int32_t ek_add_s8_second(const ek_add_s8_params *p, int32_t second)
{
    const int32_t x = (second + p->second_offset) * (1 << EK_ADD_HEADROOM);
    return ek_elementwise_s8_scale(x, p->second_multiplier, p->second_shift);
}

EK_INLINE int8_t ek_add_s8_output(const ek_add_s8_params *p, int32_t sum)
{
    const int32_t scaled = ek_elementwise_s8_scale(sum, p->output_multiplier, p->output_shift);
    return (int8_t)ek_clamp(scaled + p->output_offset, p->output_min, p->output_max);
}

EK_INLINE int8_t ek_add_s8_one(const void *params, int32_t first, int32_t second)
{
    const ek_add_s8_params *p = params;
    return ek_add_s8_output(p, ek_add_s8_first(p, first) + ek_add_s8_second(p, second));
}

EK_INLINE void ek_add_s8(const ek_add_s8_params *p, const int8_t *first, const int8_t *second,
                         int8_t *out)
{
    ek_elementwise_s8(&p->loops, ek_add_s8_one, p, first, second, out);
}

#endif
