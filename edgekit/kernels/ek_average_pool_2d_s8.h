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
#include "ek_pool_2d.h"
#include "ek_requantize.h"

typedef ek_pool_2d_params ek_average_pool_2d_s8_params;

/* The output of a window with that sum. */
EK_INLINE int8_t ek_average_pool_2d_s8_mean(const ek_average_pool_2d_s8_params *p,
                                            ek_pool_2d_window window, int32_t sum)
{
    const int32_t mean = ek_round_divide(sum, window.rows * window.columns);
    return (int8_t)ek_clamp(mean, p->output_min, p->output_max);
}

/* The output of a window's channel c. */
EK_INLINE int8_t ek_average_pool_2d_s8_one(const ek_average_pool_2d_s8_params *p,
                                           ek_pool_2d_window window, int32_t c)
{
    int32_t sum = 0;
    for (int32_t row = 0; row < window.rows; row++)
        sum += ek_sum_s8(window.corner + row * p->in_w * p->ch + c, window.columns, p->ch);
    return ek_average_pool_2d_s8_mean(p, window, sum);
}

EK_INLINE void ek_average_pool_2d_s8(const ek_average_pool_2d_s8_params *p, const int8_t *in,
                                     int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_pool_2d_rows(p, oy);
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const ek_pool_2d_window window = ek_pool_2d_at(p, in, y, ox);
            for (int32_t c = 0; c < p->ch; c++)
                out[c] = ek_average_pool_2d_s8_one(p, window, c);
            out += p->out_stride;
        }
    }
}

#endif
