/* ek_host_depthwise_conv_2d_s8: each channel convolved by itself, for validating on this machine.
 *
 *   in          [in_h][in_w][ch]                      int8
 *   weights     [tiles][kernel_h * kernel_w][16]      int32; behind the last channel 0
 *   bias        [tiles][16]   int32, with -in_zero_point * sum(weights) folded in
 *   multiplier, shift         int32, as bias
 *   out         [out_h][out_w][ch]                    int8
 *   padded      [plane_h][plane_w][ch] + 16           int8, working memory
 *
 * Rounding   ek_requantize.h.
 * Padding    counts as pad_value.
 * Requires   sums that fit in 32 bits, as ek_depthwise_conv_2d_s8.
 * Aliasing   in and out may be the same: in is copied first.
 *
 * The image is copied with its padding, so that no window sticks out of it; sixteen channels of a
 * pixel lie together and are summed together.
 */
#ifndef EK_HOST_DEPTHWISE_CONV_2D_S8_H
#define EK_HOST_DEPTHWISE_CONV_2D_S8_H

#include "host/ek_host_vector.h"

typedef struct {
    int32_t in_h, in_w, ch;
    int32_t out_h, out_w;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w;
    int32_t plane_h, plane_w;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_host_depthwise_conv_2d_s8_params;

EK_INLINE void ek_host_depthwise_conv_2d_s8_pad(const ek_host_depthwise_conv_2d_s8_params *p,
                                                const int8_t *in, int8_t *padded)
{
    const int32_t row = p->plane_w * p->ch;
    const int32_t left = p->pad_w * p->ch;
    const int32_t inside = (p->in_w + p->pad_w < p->plane_w ? p->in_w : p->plane_w - p->pad_w);
    for (int32_t y = 0; y < p->plane_h; y++) {
        const int32_t from = y - p->pad_h;
        memset(padded, p->pad_value, (size_t)row);
        if (from >= 0 && from < p->in_h && inside > 0)
            memcpy(padded + left, in + from * p->in_w * p->ch, (size_t)(inside * p->ch));
        padded += row;
    }
}

EK_INLINE void ek_host_depthwise_conv_2d_s8(const ek_host_depthwise_conv_2d_s8_params *p,
                                            const int8_t *in, const int32_t *weights,
                                            const int32_t *bias, const int32_t *multiplier,
                                            const int32_t *shift, int8_t *out, int8_t *padded)
{
    const int32_t taps = p->kernel_h * p->kernel_w;
    ek_host_depthwise_conv_2d_s8_pad(p, in, padded);
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const int8_t *window =
                padded + (oy * p->stride_h * p->plane_w + ox * p->stride_w) * p->ch;
            for (int32_t c = 0; c < p->ch; c += EK_LANES) {
                const int32_t *w = weights + c * taps;
                ek_v16_s32 sum = ek_v16_load_s32(bias + c);
                for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                    const int8_t *x = window + ky * p->dilation_h * p->plane_w * p->ch + c;
                    for (int32_t kx = 0; kx < p->kernel_w; kx++) {
                        sum += ek_v16_load_s8(x) * ek_v16_load_s32(w);
                        x += p->dilation_w * p->ch;
                        w += EK_LANES;
                    }
                }
                int32_t plain[EK_LANES];
                memcpy(plain, &sum, sizeof plain);
                ek_host_requantize(plain, multiplier + c, shift + c, p->output_offset,
                                   p->output_min, p->output_max, p->small, out + c,
                                   p->ch - c < EK_LANES ? p->ch - c : EK_LANES);
            }
            out += p->ch;
        }
    }
}

#endif
