/* ek_max_pool_2d_s8_dsp: ek_max_pool_2d_s8 for cores with the DSP extension; all as there. Four
 * channels at a time see the whole window: SSUB8 compares, SEL chooses.
 */
#ifndef EK_MAX_POOL_2D_S8_DSP_H
#define EK_MAX_POOL_2D_S8_DSP_H

#include "ek_dsp.h"
#include "ek_max_pool_2d_s8.h"

typedef ek_max_pool_2d_s8_params ek_max_pool_2d_s8_dsp_params;

/* `count` neighbouring channels, 1 to 4, from the window's first cell on; outputs one by one. */
EK_INLINE void ek_max_pool_2d_dsp_few(const ek_max_pool_2d_s8_params *p, const int8_t *corner,
                                      int32_t rows, int32_t columns, int32_t count, int8_t *out)
{
    for (int32_t c = 0; c < count; c++) {
        int32_t largest = p->output_min;
        for (int32_t row = 0; row < rows; row++)
            for (int32_t column = 0; column < columns; column++) {
                const int32_t value = corner[(row * p->in_w + column) * p->ch + c];
                largest = value > largest ? value : largest;
            }
        out[c] = (int8_t)(largest < p->output_max ? largest : p->output_max);
    }
}

/* Four channels. */
EK_INLINE void ek_max_pool_2d_dsp_four(const ek_max_pool_2d_s8_params *p, const int8_t *corner,
                                       int32_t rows, int32_t columns, int8_t *out)
{
    uint32_t largest = 0x01010101u * (uint8_t)p->output_min;
    for (int32_t row = 0; row < rows; row++) {
        const int8_t *cell = corner + row * p->in_w * p->ch;
        for (int32_t column = 0; column < columns; column++, cell += p->ch)
            largest = ek_dsp_larger(largest, ek_dsp_load(cell));
    }
    largest = ek_dsp_smaller(largest, 0x01010101u * (uint8_t)p->output_max);
    __builtin_memcpy(out, &largest, sizeof largest);
}

EK_INLINE void ek_max_pool_2d_s8_dsp(const ek_max_pool_2d_s8_dsp_params *p, const int8_t *in,
                                     int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_window_span y = ek_window_cut(oy * p->stride_h - p->pad_h, p->window_h, p->in_h);
        for (int32_t ox = 0; ox < p->out_w; ox++, out += p->out_stride) {
            const ek_window_span x =
                ek_window_cut(ox * p->stride_w - p->pad_w, p->window_w, p->in_w);
            const int8_t *corner = in + (y.start * p->in_w + x.start) * p->ch;
            int32_t c = 0;
            for (; c + 4 <= p->ch; c += 4)
                ek_max_pool_2d_dsp_four(p, corner + c, y.count, x.count, out + c);
            ek_max_pool_2d_dsp_few(p, corner + c, y.count, x.count, p->ch - c, out + c);
        }
    }
}

#endif
