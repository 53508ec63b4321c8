/* ek_mean_s8_dsp: ek_mean_s8 for cores with the DSP extension; all as there. Four neighbours along
 * the innermost axis at a time.
 */
#ifndef EK_MEAN_S8_DSP_H
#define EK_MEAN_S8_DSP_H

#include "ek_mean_dsp.h"
#include "ek_mean_s8.h"

typedef ek_mean_s8_params ek_mean_s8_dsp_params;

EK_INLINE void ek_mean_s8_dsp(const ek_mean_s8_dsp_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t o = 0; o < p->outer; o++, in += p->count * p->inner, out += p->inner) {
        int32_t i = 0;
        for (; i + 4 <= p->inner; i += 4) {
            const ek_mean_dsp_long sums = ek_mean_dsp_add_long((ek_mean_dsp_long){{0, 0, 0, 0}},
                                                               in + i, p->count, p->inner);
            for (int32_t lane = 0; lane < 4; lane++)
                out[i + lane] = ek_mean_s8_scaled(p, sums.channel[lane]);
        }
        for (; i < p->inner; i++)
            out[i] = ek_mean_s8_scaled(p, ek_sum_s8(in + i, p->count, p->inner));
    }
}

#endif
