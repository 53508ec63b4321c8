/* ek_average_pool_2d_s8: mean over a window_h x window_w window.
 *
 *   in   [in_h][in_w][ch]     int8
 *   out  [out_h][out_w][ch]   int8, same scale and zero point as in; pixels are out_stride apart
 *
 * Rounding   to nearest, ties away from zero of the stored values (as the TFLite reference
 *            kernel), then clamped to output_min..output_max.
 * Padding    counts neither in the sum nor in the divisor.
 * Requires   every window touches a real cell; window_h * window_w <= 2^23, so that
 *            |sum| <= 2^30 and half the divisor can be added.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/average_pool_2d.py checks).
 */
#ifndef EK_AVERAGE_POOL_2D_S8_H
#define EK_AVERAGE_POOL_2D_S8_H

#include "ek_mean.h"
#include "ek_requantize.h"
#include "ek_window.h"

typedef struct {
    int32_t in_h, in_w, ch;
    int32_t out_h, out_w;
    int32_t window_h, window_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w; /* cells before the first row and column */
    int32_t out_stride;
    int32_t output_min, output_max;
} ek_average_pool_2d_s8_params;

EK_INLINE void ek_average_pool_2d_s8(const ek_average_pool_2d_s8_params *p, const int8_t *in,
                                     int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_window_cut(oy * p->stride_h - p->pad_h, p->window_h, p->in_h);
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const ek_window_span x =
                ek_window_cut(ox * p->stride_w - p->pad_w, p->window_w, p->in_w);
            const int8_t *corner = in + (y.start * p->in_w + x.start) * p->ch;
            for (int32_t c = 0; c < p->ch; c++) {
                int32_t sum = 0;
                for (int32_t row = 0; row < y.count; row++)
                    sum += ek_sum_s8(corner + row * p->in_w * p->ch + c, x.count, p->ch);
                const int32_t mean = ek_round_divide(sum, y.count * x.count);
                out[c] = (int8_t)ek_clamp(mean, p->output_min, p->output_max);
            }
            out += p->out_stride;
        }
    }
}

#endif
