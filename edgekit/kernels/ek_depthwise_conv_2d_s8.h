/* ek_depthwise_conv_2d_s8: each input channel convolved by itself, into depth_multiplier channels.
 *
 *   in          [in_h][in_w][in_ch]              int8
 *   weights     [out_ch][kernel_h][kernel_w]     int8, zero point 0: TFLite's, transposed
 *   bias        [out_ch]    int32, with -in_zero_point * sum(weights) folded in
 *   multiplier  [out_ch]    int32, Q31
 *   shift       [out_ch]    int8
 *   out         [out_h][out_w][out_ch]           int8, out_ch = in_ch * depth_multiplier; pixels
 *               are out_stride apart
 *
 * Rounding   ek_requantize.h.
 * Padding    counts as pad_value, the input's zero point, which is a real 0.
 * Requires   256 * sum(|weights|) + |bias| < 2^31 for each channel, so no sum overflows;
 *            small only when that is < 2^29 and every shift is in -31..-1.
 * Aliasing   out may be in where depth_multiplier is 1 and both have the same shape; else they
 *            must not overlap.
 * Scratch    plane [plane_h][plane_w] int8: all that the windows of one channel cover.
 *            Allocates: never.  Fails: never (ops/depthwise_conv_2d.py checks).
 *
 * One channel at a time is copied into the plane, padding included: no window sticks out of it,
 * and nothing of that channel is read again, so its output may take its place.
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
    int32_t plane_h, plane_w;
    int32_t out_stride;
    int32_t depth_multiplier;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_depthwise_conv_2d_s8_params;

/* `in` is at the channel. */
EK_INLINE void ek_depthwise_conv_2d_s8_fill(const ek_depthwise_conv_2d_s8_params *p,
                                            const int8_t *in, int8_t *plane)
{
    /* The plane's columns left..right-1 are the image's. */
    const int32_t left = p->pad_w;
    const int32_t right = p->in_w + left < p->plane_w ? p->in_w + left : p->plane_w;
    for (int32_t y = -p->pad_h; y < p->plane_h - p->pad_h; y++) {
        const int32_t real = y >= 0 && y < p->in_h;
        const int8_t *x = in + (real ? y * p->in_w * p->in_ch : 0);
        for (int32_t i = 0; i < left; i++)
            plane[i] = (int8_t)p->pad_value;
        for (int32_t i = left; i < right; i++) {
            plane[i] = real ? *x : (int8_t)p->pad_value;
            x += p->in_ch;
        }
        for (int32_t i = right; i < p->plane_w; i++)
            plane[i] = (int8_t)p->pad_value;
        plane += p->plane_w;
    }
}

EK_INLINE int32_t ek_depthwise_conv_2d_s8_window(const ek_depthwise_conv_2d_s8_params *p,
                                                 int32_t sum, const int8_t *window,
                                                 const int8_t *w)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx++)
            sum += window[kx * p->dilation_w] * w[kx];
        window += p->dilation_h * p->plane_w;
        w += p->kernel_w;
    }
    return sum;
}

/* One output channel over its plane. */
EK_INLINE void ek_depthwise_conv_2d_s8_channel(const ek_depthwise_conv_2d_s8_params *p,
                                               const int8_t *plane, const int8_t *w, int32_t bias,
                                               ek_requantize_t factor, int8_t *out)
{
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const int8_t *window = plane + oy * p->stride_h * p->plane_w;
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const int32_t sum = ek_depthwise_conv_2d_s8_window(p, bias, window, w);
            *out = ek_requantize_s8(sum, factor, p->output_offset, p->output_min, p->output_max,
                                    p->small);
            out += p->out_stride;
            window += p->stride_w;
        }
    }
}

EK_INLINE void ek_depthwise_conv_2d_s8(const ek_depthwise_conv_2d_s8_params *p, const int8_t *in,
                                       const int8_t *weights, const int32_t *bias,
                                       const int32_t *multiplier, const int8_t *shift, int8_t *out,
                                       int8_t *scratch)
{
    const int32_t size = p->kernel_h * p->kernel_w;
    int32_t c = 0;
    for (int32_t channel = 0; channel < p->in_ch; channel++) {
        ek_depthwise_conv_2d_s8_fill(p, in + channel, scratch);
        for (int32_t k = 0; k < p->depth_multiplier; k++) {
            const ek_requantize_t factor = {multiplier[c], shift[c]};
            ek_depthwise_conv_2d_s8_channel(p, scratch, weights + c * size, bias[c], factor,
                                            out + c);
            c++;
        }
    }
}

#endif
