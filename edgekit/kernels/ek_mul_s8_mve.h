/* ek_mul_s8_mve: ek_mul_s8 for cores with the M-profile vector extension.
 *
 * All as there. VQRDMULH rounds as the first step of ek_requantize.h does; VRSHL rounds ties up, so
 * negative values are moved by one before it. Products shifted left stay below 2^30.
 */
#ifndef EK_MUL_S8_MVE_H
#define EK_MUL_S8_MVE_H

#include "ek_mul_s8.h"
#include "ek_mve.h"

typedef ek_mul_s8_params ek_mul_s8_mve_params;

#if EK_HAS_MVE
/* Four values of an input, or the one that is stretched where its step is 0. */
EK_INLINE int32x4_t ek_mul_mve_input(const int8_t *from, int32_t step, int32_t offset,
                                     mve_pred16_t there)
{
    if (step == 0)
        return vdupq_n_s32(from[0] + offset);
    return vaddq_n_s32(vldrbq_z_s32(from, there), offset);
}

/* Four outputs, of which `there` are read and stored. */
EK_INLINE void ek_mul_mve_four(const ek_mul_s8_params *p, const int8_t *first, const int8_t *second,
                               int8_t *out, mve_pred16_t there)
{
    int32x4_t x = vmulq_s32(ek_mul_mve_input(first, p->loops.first_d, p->first_offset, there),
                            ek_mul_mve_input(second, p->loops.second_d, p->second_offset, there));
    if (p->output_shift > 0)
        x = vshlq_r_s32(x, p->output_shift);
    x = vqrdmulhq_n_s32(x, p->output_multiplier);
    if (p->output_shift < 0)
        x = vrshlq_n_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), p->output_shift);
    x = vmaxq_s32(vaddq_n_s32(x, p->output_offset), vdupq_n_s32(p->output_min));
    vstrbq_p_s32(out, vminq_s32(x, vdupq_n_s32(p->output_max)), there);
}
#endif

EK_INLINE void ek_mul_mve_row(const ek_mul_s8_params *p, const int8_t *first, const int8_t *second,
                              int8_t *out)
{
    const ek_elementwise_s8_loops *const n = &p->loops;
#if EK_HAS_MVE
    for (int32_t i = 0; i < n->d; i += 4)
        ek_mul_mve_four(p, first + i * n->first_d, second + i * n->second_d, out + i,
                        vctp32q((uint32_t)(n->d - i)));
#else
    for (int32_t i = 0; i < n->d; i++)
        out[i] = ek_mul_s8_one(p, first[i * n->first_d], second[i * n->second_d]);
#endif
}

EK_INLINE void ek_mul_s8_mve(const ek_mul_s8_params *p, const int8_t *first, const int8_t *second,
                             int8_t *out)
{
    const ek_elementwise_s8_loops *const n = &p->loops;
    for (int32_t a = 0; a < n->a; a++)
        for (int32_t b = 0; b < n->b; b++)
            for (int32_t c = 0; c < n->c; c++, out += n->d)
                ek_mul_mve_row(p, first + a * n->first_a + b * n->first_b + c * n->first_c,
                               second + a * n->second_a + b * n->second_b + c * n->second_c, out);
}

#endif
