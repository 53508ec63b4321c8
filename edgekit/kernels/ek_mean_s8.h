/* ek_mean_s8: mean over the middle one of three axes, into another scale.
 *
 *   in   [outer][count][inner]   int8
 *   out  [outer][inner]          int8
 *
 * Rounding   sum + sum_offset is scaled by multiplier * 2^(shift - 31), which holds the division,
 *            with the two roundings of ek_requantize.h (as the TFLite reference kernel).
 * Requires   count <= 2^20: the sum, less the zero point, is below 2^28; shift in -31..30.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/mean.py checks).
 */
#ifndef EK_MEAN_S8_H
#define EK_MEAN_S8_H

#include "ek_mean.h"
#include "ek_requantize.h"

typedef struct {
    int32_t outer, count, inner;
    int32_t multiplier, shift;
    int32_t sum_offset; /* -input zero point * count */
    int32_t output_offset;
} ek_mean_s8_params;

/* The output for a sum of `count` values. */
EK_INLINE int8_t ek_mean_s8_scaled(const ek_mean_s8_params *p, int32_t sum)
{
    const ek_requantize_t factor = {p->multiplier, p->shift};
    return ek_requantize_s8(sum + p->sum_offset, factor, p->output_offset, INT8_MIN, INT8_MAX,
                            p->shift < 0);
}

EK_INLINE void ek_mean_s8(const ek_mean_s8_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < p->inner; i++)
            *out++ = ek_mean_s8_scaled(p, ek_sum_s8(in + i, p->count, p->inner));
        in += p->count * p->inner;
    }
}

#endif
