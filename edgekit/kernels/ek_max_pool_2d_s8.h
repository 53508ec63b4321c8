/* ek_max_pool_2d_s8: the largest value of a window_h x window_w window.
 *
 *   in   [in_h][in_w][ch]     int8
 *   out  [out_h][out_w][ch]   int8, same scale and zero point as in; pixels are out_stride apart
 *
 * Rounding   none; clamped to output_min..output_max.
 * Padding    has no value.
 * Requires   every window touches a real cell; window extents < 2^24.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/max_pool_2d.py checks).
 */
#ifndef EK_MAX_POOL_2D_S8_H
#define EK_MAX_POOL_2D_S8_H

#include "ek_window.h"

typedef struct {
    int32_t in_h, in_w, ch;
    int32_t out_h, out_w;
    int32_t window_h, window_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w; /* cells before the first row and column */
    int32_t out_stride;
    int32_t output_min, output_max;
} ek_max_pool_2d_s8_params;

/* Each of `out` becomes the larger of itself and of `in`: neighbours, as vector units like them. */
EK_INLINE void ek_max_pool_2d_s8_raise(int8_t *out, const int8_t *in, int32_t ch)
{
    for (int32_t c = 0; c < ch; c++)
        out[c] = in[c] > out[c] ? in[c] : out[c];
}

EK_INLINE void ek_max_pool_2d_s8(const ek_max_pool_2d_s8_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_window_cut(oy * p->stride_h - p->pad_h, p->window_h, p->in_h);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride) {
            const ek_window_span x =
                ek_window_cut(ox * p->stride_w - p->pad_w, p->window_w, p->in_w);
            const int8_t *corner = in + (y.start * p->in_w + x.start) * p->ch;
            for (int32_t c = 0; c < p->ch; c++)
                out[c] = (int8_t)p->output_min;
            for (int32_t row = 0; row < y.count; row++)
                for (int32_t column = 0; column < x.count; column++)
                    ek_max_pool_2d_s8_raise(out, corner + (row * p->in_w + column) * p->ch, p->ch);
            for (int32_t c = 0; c < p->ch; c++)
                out[c] = out[c] < p->output_max ? out[c] : (int8_t)p->output_max;
        }
    }
}

#endif
