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

#include "ek_pool_2d.h"

typedef ek_pool_2d_params ek_max_pool_2d_s8_params;

/* Each of `out` becomes the larger of itself and of `in`: neighbours, as vector units like them. */
EK_INLINE void ek_max_pool_2d_s8_raise(int8_t *out, const int8_t *in, int32_t ch)
{
    for (int32_t c = 0; c < ch; c++)
        out[c] = in[c] > out[c] ? in[c] : out[c];
}

EK_INLINE void ek_max_pool_2d_s8_pixel(const ek_max_pool_2d_s8_params *p, ek_pool_2d_window window,
                                       int8_t *out)
{
    for (int32_t c = 0; c < p->ch; c++)
        out[c] = (int8_t)p->output_min;
    for (int32_t row = 0; row < window.rows; row++)
        for (int32_t column = 0; column < window.columns; column++)
            ek_max_pool_2d_s8_raise(out, window.corner + (row * p->in_w + column) * p->ch, p->ch);
    for (int32_t c = 0; c < p->ch; c++)
        out[c] = out[c] < p->output_max ? out[c] : (int8_t)p->output_max;
}

EK_INLINE void ek_max_pool_2d_s8(const ek_max_pool_2d_s8_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_pool_2d_rows(p, oy);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride)
            ek_max_pool_2d_s8_pixel(p, ek_pool_2d_at(p, in, y, ox), out);
    }
}

#endif
