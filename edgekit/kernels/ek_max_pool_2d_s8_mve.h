/* ek_max_pool_2d_s8_mve: ek_max_pool_2d_s8 for cores with the M-profile vector extension; all as
 * there. Sixteen channels at a time see the whole window.
 */
#ifndef EK_MAX_POOL_2D_S8_MVE_H
#define EK_MAX_POOL_2D_S8_MVE_H

#include "ek_max_pool_2d_s8.h"
#include "ek_mve.h"

typedef ek_max_pool_2d_s8_params ek_max_pool_2d_s8_mve_params;

#if EK_HAS_MVE
/* Up to sixteen channels, from c on. */
EK_INLINE void ek_max_pool_2d_mve_some(const ek_max_pool_2d_s8_params *p, ek_pool_2d_window window,
                                       int32_t c, int8_t *out)
{
    const mve_pred16_t there = vctp8q((uint32_t)(p->ch - c));
    int8x16_t largest = vdupq_n_s8((int8_t)p->output_min);
    for (int32_t row = 0; row < window.rows; row++) {
        const int8_t *cell = window.corner + row * p->in_w * p->ch + c;
        for (int32_t column = 0; column < window.columns; column++, cell += p->ch)
            largest = vmaxq_s8(largest, vldrbq_z_s8(cell, there));
    }
    vstrbq_p_s8(out + c, vminq_s8(largest, vdupq_n_s8((int8_t)p->output_max)), there);
}
#endif

EK_INLINE void ek_max_pool_2d_s8_mve(const ek_max_pool_2d_s8_mve_params *p, const int8_t *in,
                                     int8_t *out)
{
#if EK_HAS_MVE
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_pool_2d_rows(p, oy);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride) {
            const ek_pool_2d_window window = ek_pool_2d_at(p, in, y, ox);
            for (int32_t c = 0; c < p->ch; c += EK_MVE_BYTES)
                ek_max_pool_2d_mve_some(p, window, c, out);
        }
    }
#else
    ek_max_pool_2d_s8(p, in, out);
#endif
}

#endif
