/* ek_mean_s8_mve: ek_mean_s8 for cores with the M-profile vector extension; all as there. Eight
 * neighbours along the innermost axis at a time, where ek_requantize.h's short path is exact.
 */
#ifndef EK_MEAN_S8_MVE_H
#define EK_MEAN_S8_MVE_H

#include "ek_mean_mve.h"
#include "ek_mean_s8.h"

typedef ek_mean_s8_params ek_mean_s8_mve_params;

#if EK_HAS_MVE
/* Four outputs before the clamp. */
EK_INLINE int32x4_t ek_mean_mve_scaled(const ek_mean_s8_params *p, int32x4_t sums)
{
    const ek_mve_output_t by = {p->output_offset, INT8_MIN, INT8_MAX, 1};
    const int32x4_t scaled =
        ek_mve_scaled(by, sums, vdupq_n_s32(p->multiplier), vdupq_n_s32(p->shift));
    return vaddq_n_s32(scaled, p->output_offset);
}

/* Up to eight outputs from i on. */
EK_INLINE void ek_mean_mve_eight(const ek_mean_s8_params *p, const int8_t *in, int32_t i,
                                 int8_t *out)
{
    const mve_pred16_t there = vctp16q((uint32_t)(p->inner - i));
    const int32x4_t start = vdupq_n_s32(p->sum_offset);
    ek_mean_mve_long sums = ek_mean_mve_add_long((ek_mean_mve_long){start, start}, in + i,
                                                 p->count, p->inner, there);
    sums.even = ek_mean_mve_scaled(p, sums.even);
    sums.odd = ek_mean_mve_scaled(p, sums.odd);
    ek_mean_mve_store(sums, INT8_MIN, INT8_MAX, there, out + i);
}
#endif

EK_INLINE void ek_mean_s8_mve(const ek_mean_s8_mve_params *p, const int8_t *in, int8_t *out)
{
#if EK_HAS_MVE
    if (p->shift < 0) {
        for (int32_t o = 0; o < p->outer; o++, in += p->count * p->inner, out += p->inner)
            for (int32_t i = 0; i < p->inner; i += EK_MEAN_MVE_CHANNELS)
                ek_mean_mve_eight(p, in, i, out);
        return;
    }
#endif
    ek_mean_s8(p, in, out);
}

#endif
