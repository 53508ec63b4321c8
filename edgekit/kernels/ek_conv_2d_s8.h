/* ek_conv_2d_s8: convolution, dilated and grouped forms included.
 *
 *   in          [in_h][in_w][in_ch]                               int8
 *   weights     [out_ch][kernel_h][kernel_w][in_ch / groups]      int8, zero point 0
 *   bias        [out_ch]    int32, with -in_zero_point * sum(weights) folded in
 *   multiplier  [out_ch]    int32, Q31
 *   shift       [out_ch]    int8
 *   out         [out_h][out_w][out_ch]                            int8; pixels are out_stride
 *               apart, channels of a group out_channel, the first ones of groups out_group
 *
 * Rounding   ek_requantize.h.
 * Alignment  in and scratch at multiples of 4 bytes.
 * Padding    counts as pad_value, the input's zero point, which is a real 0.
 * Requires   256 * sum(|weights|) + |bias| < 2^31 for each channel, so no sum overflows;
 *            small only when that is < 2^29 and every shift is in -31..-1.
 * Aliasing   in and out must not overlap.
 * Scratch    lanes [kernel_h * kernel_w * in_ch / groups] uint32: the weights of two channels.
 *            Allocates: never.  Fails: never (ops/conv_2d.py checks).
 *
 * Output channels are the outer loop, two at a time: their weights are read from flash once, and
 * the whole image passes by them (ek_lanes_s8.h).
 */
#ifndef EK_CONV_2D_S8_H
#define EK_CONV_2D_S8_H

#include "ek_lanes_s8.h"
#include "ek_requantize.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w; /* cells before the first row and column */
    int32_t groups;
    int32_t out_stride, out_group, out_channel;
    int32_t pad_value;
    int32_t pairs; /* 1: no weight is -128 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_conv_2d_s8_params;

/* One row of the kernel over a row of the image that it may stick out of. */
EK_INLINE ek_pair_t ek_conv_2d_s8_row(const ek_conv_2d_s8_params *p, ek_pair_t sum,
                                      const int8_t *row, const uint32_t *w,
                                      int32_t left)
{
    const int32_t depth = p->in_ch / p->groups;
    for (int32_t kx = 0; kx < p->kernel_w; kx++) {
        const int32_t x = left + kx * p->dilation_w;
        if (x >= 0 && x < p->in_w)
            sum = ek_lanes_dot_s8(sum, row + x * p->in_ch, w, depth, p->pairs, depth % 4 == 0);
        else
            sum = ek_lanes_dot_constant_s8(sum, p->pad_value, w, depth);
        w += depth;
    }
    return sum;
}

/* A window that sticks out of the image. */
EK_INLINE ek_pair_t ek_conv_2d_s8_border(const ek_conv_2d_s8_params *p, ek_pair_t sum,
                                         const int8_t *in, const uint32_t *w,
                                         int32_t top, int32_t left)
{
    const int32_t run = p->kernel_w * (p->in_ch / p->groups);
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        if (y >= 0 && y < p->in_h)
            sum = ek_conv_2d_s8_row(p, sum, in + y * p->in_w * p->in_ch, w, left);
        else
            sum = ek_lanes_dot_constant_s8(sum, p->pad_value, w, run);
        w += run;
    }
    return sum;
}

/* A window that lies within the image; where its cells touch, a row of them is one run. */
EK_INLINE ek_pair_t ek_conv_2d_s8_inside(const ek_conv_2d_s8_params *p, ek_pair_t sum,
                                         const int8_t *window, const uint32_t *w)
{
    const int32_t depth = p->in_ch / p->groups;
    const int32_t whole_rows = p->groups == 1 && p->dilation_w == 1;
    const int32_t runs = whole_rows ? 1 : p->kernel_w;
    const int32_t run = whole_rows ? p->kernel_w * depth : depth;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *x = window + ky * p->dilation_h * p->in_w * p->in_ch;
        for (int32_t kx = 0; kx < runs; kx++) {
            sum = ek_lanes_dot_s8(sum, x, w, run, p->pairs, depth % 4 == 0);
            x += p->dilation_w * p->in_ch;
            w += run;
        }
    }
    return sum;
}

/* Two output channels over the whole image, `second` bytes apart: 0 for a last one alone. */
EK_INLINE void ek_conv_2d_s8_channels(const ek_conv_2d_s8_params *p, const int8_t *in,
                                      const uint32_t *w, int32_t second, ek_pair_t bias,
                                      ek_requantize_t first_factor, ek_requantize_t second_factor,
                                      int8_t *out)
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
            ek_pair_t sum;
            if (!padded || (inside_h && left >= 0 && left + reach_w <= p->in_w))
                sum = ek_conv_2d_s8_inside(p, bias, in + (top * p->in_w + left) * p->in_ch, w);
            else
                sum = ek_conv_2d_s8_border(p, bias, in, w, top, left);
            out[0] = ek_requantize_s8(sum.first, first_factor, p->output_offset, p->output_min,
                                      p->output_max, p->small);
            out[second] = ek_requantize_s8(sum.second, second_factor, p->output_offset,
                                           p->output_min, p->output_max, p->small);
            out += p->out_stride;
        }
    }
}

EK_INLINE void ek_conv_2d_s8(const ek_conv_2d_s8_params *p, const int8_t *in,
                             const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                             const int8_t *shift, int8_t *out, void *scratch)
{
    uint32_t *const lanes = scratch;
    const int32_t depth = p->in_ch / p->groups;
    const int32_t size = p->kernel_h * p->kernel_w * depth;
    const int32_t per_group = p->out_ch / p->groups;
    for (int32_t group = 0; group < p->groups; group++) {
        const int32_t end = (group + 1) * per_group;
        for (int32_t c = group * per_group; c < end; c += 2) {
            const int32_t d = c + 1 < end ? c + 1 : c;
            const ek_pair_t sums = {bias[c], bias[d]};
            const ek_requantize_t factors[2] = {{multiplier[c], shift[c]},
                                                {multiplier[d], shift[d]}};
            ek_lanes_pack_s8(lanes, weights + c * size, (d - c) * size, size);
            ek_conv_2d_s8_channels(p, in + group * depth, lanes, (d - c) * p->out_channel, sums,
                                   factors[0], factors[1],
                                   out + group * p->out_group +
                                       (c - group * per_group) * p->out_channel);
        }
    }
}

#endif
