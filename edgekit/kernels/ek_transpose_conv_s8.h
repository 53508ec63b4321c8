/* ek_transpose_conv_s8: each input pixel, times the kernel, added to a window of the output.
 *
 *   in          [in_h][in_w][in_ch]                     int8
 *   weights     [out_ch][kernel_h][kernel_w][in_ch]     int8, zero point 0
 *   bias        [out_ch]    int32
 *   multiplier  [out_ch]    int32, Q31
 *   shift       [out_ch]    int8
 *   out         [out_h][out_w][out_ch]                  int8
 *
 * Rounding   ek_requantize.h.
 * Padding    pad_h and pad_w are cut off above and left of what the windows cover.
 * Requires   256 * sum(|weights|) + |bias| < 2^31 for each channel, so no sum overflows;
 *            small only when that is < 2^29 and every shift is in -31..-1.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/transpose_conv.py checks).
 *
 * The weight at ky falls on row oy from input row (oy + pad_h - ky) / stride_h, where that is a
 * whole number: every stride_h-th ky, each from one input row less.
 */
#ifndef EK_TRANSPOSE_CONV_S8_H
#define EK_TRANSPOSE_CONV_S8_H

#include "ek_requantize.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w;
    int32_t input_offset; /* -input zero point */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_transpose_conv_s8_params;

EK_INLINE int32_t ek_transpose_conv_s8_dot(const ek_transpose_conv_s8_params *p, const int8_t *x,
                                           const int8_t *w)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < p->in_ch; i++)
        sum += (x[i] + p->input_offset) * w[i];
    return sum;
}

/* All that falls on one output pixel from one row of the input; `w` is at a row of the kernel. */
EK_INLINE int32_t ek_transpose_conv_s8_row(const ek_transpose_conv_s8_params *p, const int8_t *row,
                                           const int8_t *w, int32_t right)
{
    int32_t sum = 0;
    int32_t ix = right / p->stride_w;
    for (int32_t kx = right % p->stride_w; kx < p->kernel_w; kx += p->stride_w) {
        if (ix >= 0 && ix < p->in_w)
            sum += ek_transpose_conv_s8_dot(p, row + ix * p->in_ch, w + kx * p->in_ch);
        ix--;
    }
    return sum;
}

/* All that falls on one output pixel; `w` is at the kernel of its channel. */
EK_INLINE int32_t ek_transpose_conv_s8_pixel(const ek_transpose_conv_s8_params *p,
                                             const int8_t *in, const int8_t *w, int32_t below,
                                             int32_t right)
{
    int32_t sum = 0;
    int32_t iy = below / p->stride_h;
    for (int32_t ky = below % p->stride_h; ky < p->kernel_h; ky += p->stride_h) {
        if (iy >= 0 && iy < p->in_h)
            sum += ek_transpose_conv_s8_row(p, in + iy * p->in_w * p->in_ch,
                                            w + ky * p->kernel_w * p->in_ch, right);
        iy--;
    }
    return sum;
}

EK_INLINE void ek_transpose_conv_s8(const ek_transpose_conv_s8_params *p, const int8_t *in,
                                    const int8_t *weights, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int8_t *out)
{
    const int32_t size = p->kernel_h * p->kernel_w * p->in_ch;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            for (int32_t c = 0; c < p->out_ch; c++) {
                const ek_requantize_t factor = {multiplier[c], shift[c]};
                const int32_t sum = ek_transpose_conv_s8_pixel(p, in, weights + c * size,
                                                               oy + p->pad_h, ox + p->pad_w);
                *out++ = ek_requantize_s8(sum + bias[c], factor, p->output_offset, p->output_min,
                                          p->output_max, p->small);
            }
        }
    }
}

#endif
