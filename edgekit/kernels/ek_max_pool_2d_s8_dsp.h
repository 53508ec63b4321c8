/* ek_max_pool_2d_s8_dsp: ek_max_pool_2d_s8 for cores with the DSP extension; all as there. Four
 * channels at a time see the whole window: SSUB8 compares, SEL chooses.
 */
#ifndef EK_MAX_POOL_2D_S8_DSP_H
#define EK_MAX_POOL_2D_S8_DSP_H

#include "ek_dsp.h"
#include "ek_max_pool_2d_s8.h"

typedef ek_max_pool_2d_s8_params ek_max_pool_2d_s8_dsp_params;

/* The channels from c on, one by one. */
EK_INLINE void ek_max_pool_2d_dsp_few(const ek_max_pool_2d_s8_params *p, ek_pool_2d_window window,
                                      int32_t c, int8_t *out)
{
    for (; c < p->ch; c++) {
        int32_t largest = p->output_min;
        for (int32_t row = 0; row < window.rows; row++)
            for (int32_t column = 0; column < window.columns; column++) {
                const int32_t value = window.corner[(row * p->in_w + column) * p->ch + c];
                largest = value > largest ? value : largest;
            }
        out[c] = (int8_t)(largest < p->output_max ? largest : p->output_max);
    }
}

/* The four channels from c on. */
EK_INLINE void ek_max_pool_2d_dsp_four(const ek_max_pool_2d_s8_params *p, ek_pool_2d_window window,
                                       int32_t c, int8_t *out)
{
    uint32_t largest = 0x01010101u * (uint8_t)p->output_min;
    for (int32_t row = 0; row < window.rows; row++) {
        const int8_t *cell = window.corner + row * p->in_w * p->ch + c;
        for (int32_t column = 0; column < window.columns; column++, cell += p->ch)
            largest = ek_dsp_larger(largest, ek_dsp_load(cell));
    }
    largest = ek_dsp_smaller(largest, 0x01010101u * (uint8_t)p->output_max);
    __builtin_memcpy(out + c, &largest, sizeof largest);
}

EK_INLINE void ek_max_pool_2d_s8_dsp(const ek_max_pool_2d_s8_dsp_params *p, const int8_t *in,
                                     int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_pool_2d_rows(p, oy);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride) {
            const ek_pool_2d_window window = ek_pool_2d_at(p, in, y, ox);
            int32_t c = 0;
            for (; c + 4 <= p->ch; c += 4)
                ek_max_pool_2d_dsp_four(p, window, c, out);
            ek_max_pool_2d_dsp_few(p, window, c, out);
        }
    }
}

#endif
