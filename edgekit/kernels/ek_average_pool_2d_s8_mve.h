/* ek_average_pool_2d_s8_mve: ek_average_pool_2d_s8 for cores with the M-profile vector extension;
 * all as there. Eight channels at a time; sums in int16, and multiplied by a reciprocal, where the
 * window is small enough.
 */
#ifndef EK_AVERAGE_POOL_2D_S8_MVE_H
#define EK_AVERAGE_POOL_2D_S8_MVE_H

#include "ek_average_pool_2d_s8.h"
#include "ek_mean_mve.h"

typedef ek_average_pool_2d_s8_params ek_average_pool_2d_s8_mve_params;

#if EK_HAS_MVE
/* Up to eight channels from c on, of a window of EK_SHORT_COUNT cells at most. VQRDMULH gives
 * (2 * x * reciprocal + 2^31) >> 32, which with x = sum * 2^7 is ek_mean.h's quotient.
 */
EK_INLINE void ek_average_pool_2d_mve_short(const ek_average_pool_2d_s8_params *p,
                                            ek_pool_2d_window window, int32_t reciprocal,
                                            int32_t c, int8_t *out)
{
    const mve_pred16_t there = vctp16q((uint32_t)(p->ch - c));
    int16x8_t sums = vdupq_n_s16(0);
    for (int32_t row = 0; row < window.rows; row++)
        sums = ek_mean_mve_add_short(sums, window.corner + row * p->in_w * p->ch + c,
                                     window.columns, p->ch, there);
    const ek_mean_mve_long means = {
        vqrdmulhq_n_s32(vshllbq_n_s16(sums, 7), reciprocal),
        vqrdmulhq_n_s32(vshlltq_n_s16(sums, 7), reciprocal),
    };
    ek_mean_mve_store(means, p->output_min, p->output_max, there, out + c);
}

/* Up to eight channels from c on, of any window. */
EK_INLINE void ek_average_pool_2d_mve_long(const ek_average_pool_2d_s8_params *p,
                                           ek_pool_2d_window window, int32_t c, int8_t *out)
{
    const mve_pred16_t there = vctp16q((uint32_t)(p->ch - c));
    ek_mean_mve_long sums = {vdupq_n_s32(0), vdupq_n_s32(0)};
    for (int32_t row = 0; row < window.rows; row++)
        sums = ek_mean_mve_add_long(sums, window.corner + row * p->in_w * p->ch + c,
                                    window.columns, p->ch, there);
    for (int32_t i = 0; i < EK_MEAN_MVE_CHANNELS && c + i < p->ch; i++) {
        const int32_t sum = i % 2 ? sums.odd[i / 2] : sums.even[i / 2];
        out[c + i] = ek_average_pool_2d_s8_mean(p, window, sum);
    }
}
#endif

EK_INLINE void ek_average_pool_2d_s8_mve(const ek_average_pool_2d_s8_mve_params *p,
                                         const int8_t *in, int8_t *out)
{
#if EK_HAS_MVE
    const int32_t is_short = p->window_h * p->window_w <= EK_SHORT_COUNT;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_pool_2d_rows(p, oy);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride) {
            const ek_pool_2d_window window = ek_pool_2d_at(p, in, y, ox);
            const int32_t reciprocal = ek_reciprocal(window.rows * window.columns);
            for (int32_t c = 0; c < p->ch; c += EK_MEAN_MVE_CHANNELS)
                if (is_short)
                    ek_average_pool_2d_mve_short(p, window, reciprocal, c, out);
                else
                    ek_average_pool_2d_mve_long(p, window, c, out);
        }
    }
#else
    ek_average_pool_2d_s8(p, in, out);
#endif
}

#endif
