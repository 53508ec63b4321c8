/* ek_average_pool_2d_s8_dsp: ek_average_pool_2d_s8 for cores with the DSP extension; all as there.
 * Four channels at a time; sums in pairs of int16, and multiplied by a reciprocal, where the window
 * is small enough.
 */
#ifndef EK_AVERAGE_POOL_2D_S8_DSP_H
#define EK_AVERAGE_POOL_2D_S8_DSP_H

#include "ek_average_pool_2d_s8.h"
#include "ek_mean_dsp.h"

typedef ek_average_pool_2d_s8_params ek_average_pool_2d_s8_dsp_params;

/* The means of four channels in a word: ek_mean.h's 2^23 is 2^7 after SMLAW's shift by 16, which
 * leaves each mean in a result's second byte.
 */
EK_INLINE uint32_t ek_average_pool_2d_dsp_means(ek_mean_dsp_short sums, int32_t reciprocal)
{
    const uint32_t a = (uint32_t)ek_dsp_wide_low(reciprocal, sums.even, 1 << 7);
    const uint32_t b = (uint32_t)ek_dsp_wide_low(reciprocal, sums.odd, 1 << 7);
    const uint32_t c = (uint32_t)ek_dsp_wide_high(reciprocal, sums.even, 1 << 7);
    const uint32_t d = (uint32_t)ek_dsp_wide_high(reciprocal, sums.odd, 1 << 7);
    const uint32_t even = (a & 0xFFFFu) | (c << 16), odd = (b & 0xFFFFu) | (d << 16);
    return ((even >> 8) & 0x00FF00FFu) | (odd & 0xFF00FF00u);
}

/* The four channels from c on, of a window of EK_SHORT_COUNT cells at most. */
EK_INLINE void ek_average_pool_2d_dsp_short(const ek_average_pool_2d_s8_params *p,
                                            ek_pool_2d_window window, int32_t reciprocal,
                                            int32_t c, int8_t *out)
{
    ek_mean_dsp_short sums = {0, 0};
    for (int32_t row = 0; row < window.rows; row++)
        sums = ek_mean_dsp_add_short(sums, window.corner + row * p->in_w * p->ch + c,
                                     window.columns, p->ch);
    uint32_t means = ek_average_pool_2d_dsp_means(sums, reciprocal);
    if (p->output_min > INT8_MIN)
        means = ek_dsp_larger(means, 0x01010101u * (uint8_t)p->output_min);
    if (p->output_max < INT8_MAX)
        means = ek_dsp_smaller(means, 0x01010101u * (uint8_t)p->output_max);
    __builtin_memcpy(out + c, &means, sizeof means);
}

/* The four channels from c on, of any window. */
EK_INLINE void ek_average_pool_2d_dsp_long(const ek_average_pool_2d_s8_params *p,
                                           ek_pool_2d_window window, int32_t c, int8_t *out)
{
    ek_mean_dsp_long sums = {{0, 0, 0, 0}};
    for (int32_t row = 0; row < window.rows; row++)
        sums = ek_mean_dsp_add_long(sums, window.corner + row * p->in_w * p->ch + c,
                                    window.columns, p->ch);
    for (int32_t i = 0; i < 4; i++)
        out[c + i] = ek_average_pool_2d_s8_mean(p, window, sums.channel[i]);
}

EK_INLINE void ek_average_pool_2d_s8_dsp(const ek_average_pool_2d_s8_dsp_params *p,
                                         const int8_t *in, int8_t *out)
{
    const int32_t is_short = p->window_h * p->window_w <= EK_SHORT_COUNT;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_pool_2d_rows(p, oy);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride) {
            const ek_pool_2d_window window = ek_pool_2d_at(p, in, y, ox);
            const int32_t reciprocal = ek_reciprocal(window.rows * window.columns);
            int32_t c = 0;
            for (; c + 4 <= p->ch; c += 4)
                if (is_short)
                    ek_average_pool_2d_dsp_short(p, window, reciprocal, c, out);
                else
                    ek_average_pool_2d_dsp_long(p, window, c, out);
            for (; c < p->ch; c++)
                out[c] = ek_average_pool_2d_s8_one(p, window, c);
        }
    }
}

#endif
