/* ek_linear_sum_s8_mve: ek_linear_sum_s8 for cores with the M-profile vector extension.
 *
 * All as there, except:
 *
 * Requires   loops.first_d and loops.second_d are 1: along the innermost loop neither is stretched.
 */
#ifndef EK_LINEAR_SUM_S8_MVE_H
#define EK_LINEAR_SUM_S8_MVE_H

#include "ek_linear_sum_s8.h"
#include "ek_mve.h"

typedef ek_linear_sum_s8_params ek_linear_sum_s8_mve_params;

#if EK_HAS_MVE
/* Four outputs, of which `there` are read and stored. */
EK_INLINE void ek_linear_sum_mve_four(const ek_linear_sum_s8_params *p, const int8_t *first,
                                      const int8_t *second, int8_t *out, mve_pred16_t there)
{
    int32x4_t sum = vdupq_n_s32(p->bend ? p->centre : p->centre + p->add);
    sum = vmlaq_n_s32(sum, vldrbq_z_s32(first, there), p->first_factor);
    sum = vmlaq_n_s32(sum, vldrbq_z_s32(second, there), p->second_factor);
    if (p->bend)
        sum = vaddq_n_s32(vaddq_s32(sum, vshrq_n_s32(sum, 31)), p->add);
    sum = vshlq_r_s32(sum, -p->shift);
    sum = vmaxq_s32(sum, vdupq_n_s32(p->output_min));
    vstrbq_p_s32(out, vminq_s32(sum, vdupq_n_s32(p->output_max)), there);
}
#endif

EK_INLINE void ek_linear_sum_mve_row(const ek_linear_sum_s8_params *p, const int8_t *first,
                                     const int8_t *second, int8_t *out)
{
    const int32_t count = p->loops.d;
#if EK_HAS_MVE
    for (int32_t i = 0; i < count; i += 4)
        ek_linear_sum_mve_four(p, first + i, second + i, out + i, vctp32q((uint32_t)(count - i)));
#else
    for (int32_t i = 0; i < count; i++)
        out[i] = ek_linear_sum_s8_one(p, first[i], second[i]);
#endif
}

EK_INLINE void ek_linear_sum_s8_mve(const ek_linear_sum_s8_params *p, const int8_t *first,
                                    const int8_t *second, int8_t *out)
{
    const ek_elementwise_s8_loops *const n = &p->loops;
    for (int32_t a = 0; a < n->a; a++)
        for (int32_t b = 0; b < n->b; b++)
            for (int32_t c = 0; c < n->c; c++, out += n->d)
                ek_linear_sum_mve_row(p, first + a * n->first_a + b * n->first_b + c * n->first_c,
                                      second + a * n->second_a + b * n->second_b + c * n->second_c,
                                      out);
}

#endif
