/* ek_linear_sum_s8: ek_add_s8 and ek_sub_s8 by one straight line, where that gives the same bytes.
 *
 *   first, second, out   int8, as ek_elementwise_s8.h walks them
 *
 * Rounding   sum = first * first_factor + second * second_factor + centre, 1 less below 0 where
 *            `bend` is 1, then (sum + add) >> shift, clamped.
 * Requires   constants for which that is what ek_add_s8 or ek_sub_s8 gives, for all 65536 pairs of
 *            values, and no sum that leaves an int32 (ops/sum_lines.py tries all of them).
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_LINEAR_SUM_S8_H
#define EK_LINEAR_SUM_S8_H

#include "ek_elementwise_s8.h"

typedef struct {
    ek_elementwise_s8_loops loops;
    int32_t first_factor, second_factor, centre;
    int32_t bend, add, shift;
    int32_t output_min, output_max;
} ek_linear_sum_s8_params;

/* x, cut to an int8's range; one instruction on Armv7-M. */
EK_INLINE int32_t ek_linear_sum_s8_saturated(int32_t x)
{
#if defined(__ARM_FEATURE_SAT)
    int32_t result;
    __asm("ssat %0, #8, %1" : "=r"(result) : "r"(x));
    return result;
#else
    return ek_clamp(x, INT8_MIN, INT8_MAX);
#endif
}

EK_INLINE int8_t ek_linear_sum_s8_one(const void *params, int32_t first, int32_t second)
{
    const ek_linear_sum_s8_params *p = params;
    int32_t sum = first * p->first_factor + (second * p->second_factor + p->centre);
    if (p->bend)
        sum += sum >> 31;
    int32_t result = ek_linear_sum_s8_saturated((sum + p->add) >> p->shift);
    if (p->output_min > INT8_MIN)
        result = result < p->output_min ? p->output_min : result;
    if (p->output_max < INT8_MAX)
        result = result > p->output_max ? p->output_max : result;
    return (int8_t)result;
}

EK_INLINE void ek_linear_sum_s8_share(const ek_linear_sum_s8_params *p, const int8_t *first,
                                      const int8_t *second, int8_t *out, int32_t share,
                                      int32_t shares)
{
    ek_elementwise_s8_share(&p->loops, ek_linear_sum_s8_one, p, first, second, out, share, shares);
}

EK_INLINE void ek_linear_sum_s8(const ek_linear_sum_s8_params *p, const int8_t *first,
                                const int8_t *second, int8_t *out)
{
    ek_elementwise_s8(&p->loops, ek_linear_sum_s8_one, p, first, second, out);
}

#endif
