/* ek_depthwise_conv_2d_s8: each input channel convolved by itself, into depth_multiplier channels.
 *
 *   in          [in_h][in_w][in_ch]              int8
 *   weights     [out_ch][kernel_h][kernel_w]     int8, zero point 0: TFLite's, transposed
 *   bias        [out_ch]    int32, with -in_zero_point * sum(weights) folded in
 *   multiplier  [out_ch]    int32, Q31
 *   shift       [out_ch]    int8
 *   out         [out_h][out_w][out_ch]           int8, out_ch = in_ch * depth_multiplier
 *
 * Rounding   ek_requantize.h.
 * Padding    counts as pad_value, the input's zero point, which is a real 0.
 * Requires   256 * sum(|weights|) + |bias| < 2^31 for each channel, so no sum overflows;
 *            small only when that is < 2^29 and every shift is in -31..-1.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/depthwise_conv_2d.py checks).
 */
#ifndef EK_DEPTHWISE_CONV_2D_S8_H
#define EK_DEPTHWISE_CONV_2D_S8_H

#include "ek_requantize.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w; /* cells before the first row and column */
    int32_t depth_multiplier;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_depthwise_conv_2d_s8_params;

/* A window that lies within the image. */
EK_INLINE int32_t ek_depthwise_conv_2d_s8_inside(const ek_depthwise_conv_2d_s8_params *p,
                                                 int32_t sum, const int8_t *window,
                                                 const int8_t *w)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *x = window + ky * p->dilation_h * p->in_w * p->in_ch;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            sum += *x * *w++;
            x += p->dilation_w * p->in_ch;
        }
    }
    return sum;
}

/* A window that sticks out of the image. */
EK_INLINE int32_t ek_depthwise_conv_2d_s8_border(const ek_depthwise_conv_2d_s8_params *p,
                                                 int32_t sum, const int8_t *in, const int8_t *w,
                                                 int32_t top, int32_t left)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;
            const int32_t real = y >= 0 && y < p->in_h && x >= 0 && x < p->in_w;
            sum += (real ? in[(y * p->in_w + x) * p->in_ch] : p->pad_value) * *w++;
        }
    }
    return sum;
}

/* One output channel over the whole image; `in` is at its input channel. */
EK_INLINE void ek_depthwise_conv_2d_s8_channel(const ek_depthwise_conv_2d_s8_params *p,
                                               const int8_t *in, const int8_t *w, int32_t bias,
                                               ek_requantize_t factor, int8_t *out)
{
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const int32_t reach_w = (p->kernel_w - 1) * p->dilation_w + 1;
    const int32_t padded = p->pad_h > 0 || p->pad_w > 0 ||
                           (p->out_h - 1) * p->stride_h + reach_h > p->in_h ||
                           (p->out_w - 1) * p->stride_w + reach_w > p->in_w;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const int32_t top = oy * p->stride_h - p->pad_h;
        const int32_t inside_h = top >= 0 && top + reach_h <= p->in_h;
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const int32_t left = ox * p->stride_w - p->pad_w;
            int32_t sum;
            if (!padded || (inside_h && left >= 0 && left + reach_w <= p->in_w))
                sum = ek_depthwise_conv_2d_s8_inside(p, bias,
                                                     in + (top * p->in_w + left) * p->in_ch, w);
            else
                sum = ek_depthwise_conv_2d_s8_border(p, bias, in, w, top, left);
            *out = ek_requantize_s8(sum, factor, p->output_offset, p->output_min, p->output_max,
                                    p->small);
            out += p->out_ch;
        }
    }
}

EK_INLINE void ek_depthwise_conv_2d_s8(const ek_depthwise_conv_2d_s8_params *p, const int8_t *in,
                                       const int8_t *weights, const int32_t *bias,
                                       const int32_t *multiplier, const int8_t *shift, int8_t *out)
{
    const int32_t size = p->kernel_h * p->kernel_w;
    for (int32_t c = 0; c < p->out_ch; c++) {
        const ek_requantize_t factor = {multiplier[c], shift[c]};
        ek_depthwise_conv_2d_s8_channel(p, in + c / p->depth_multiplier, weights + c * size,
                                        bias[c], factor, out + c);
    }
}

#endif
