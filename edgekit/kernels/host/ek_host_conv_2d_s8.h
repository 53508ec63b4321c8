/* ek_host_conv_2d_s8: convolution and FULLY_CONNECTED, for validating on this machine.
 *
 *   in          [in_h][in_w][groups * depth]                              int8
 *   weights     [groups][tiles][kernel_h * kernel_w * depth][16]          float, whole numbers
 *   bias        [groups][tiles][16]   int32, with -in_zero_point * sum(weights) folded in
 *   multiplier, shift                 int32, as bias
 *   out         [out_h][out_w][out_ch]                                    int8
 *   rows        [6][kernel_h * kernel_w * depth]                          float, working memory
 *
 * A tile is sixteen output channels of a group; those behind the last one have weights of 0.
 *
 * Exact      float holds whole numbers below 2^24 exactly, so sums of products do not round as long
 *            as all their parts stay below that: a weight's product is at most 2^14 large, so `run`
 *            products are summed in float, run <= 1024, and the runs in int32.
 * Rounding   ek_requantize.h.
 * Padding    counts as pad_value.
 * Requires   sums that fit in 32 bits, as ek_conv_2d_s8.
 * Aliasing   in and out must not overlap.
 */
#ifndef EK_HOST_CONV_2D_S8_H
#define EK_HOST_CONV_2D_S8_H

#include "host/ek_host_vector.h"

/* Six pixels by sixteen channels: twelve registers of AVX2, six of AVX-512. */
#define EK_PIXELS 6

typedef struct {
    int32_t in_h, in_w, depth;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w;
    int32_t groups;
    int32_t pad_value;
    int32_t run;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_host_conv_2d_s8_params;

/* What the window of output pixel `pixel` covers of a group, in float. */
EK_INLINE void ek_host_conv_2d_s8_gather(const ek_host_conv_2d_s8_params *p, const int8_t *in,
                                         int32_t pixel, float *row)
{
    const int32_t in_ch = p->groups * p->depth;
    const int32_t top = pixel / p->out_w * p->stride_h - p->pad_h;
    const int32_t left = pixel % p->out_w * p->stride_w - p->pad_w;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;
            if (y >= 0 && y < p->in_h && x >= 0 && x < p->in_w) {
                const int8_t *from = in + (y * p->in_w + x) * in_ch;
                for (int32_t c = 0; c < p->depth; c++)
                    row[c] = from[c];
            } else {
                for (int32_t c = 0; c < p->depth; c++)
                    row[c] = (float)p->pad_value;
            }
            row += p->depth;
        }
    }
}

/* Sixteen channels of six pixels: sums[pixel] += row[pixel] . w, `count` terms, at most a run. */
EK_INLINE void ek_host_conv_2d_s8_run(ek_v16_s32 *sums, const float *row, int32_t size,
                                      const float *w, int32_t count)
{
    ek_v16_f32 a = {0}, b = {0}, c = {0}, d = {0}, e = {0}, f = {0};
    for (int32_t k = 0; k < count; k++) {
        ek_v16_f32 weights;
        memcpy(&weights, w + k * EK_LANES, sizeof weights);
        a += row[k] * weights;
        b += row[k + size] * weights;
        c += row[k + 2 * size] * weights;
        d += row[k + 3 * size] * weights;
        e += row[k + 4 * size] * weights;
        f += row[k + 5 * size] * weights;
    }
    sums[0] += __builtin_convertvector(a, ek_v16_s32);
    sums[1] += __builtin_convertvector(b, ek_v16_s32);
    sums[2] += __builtin_convertvector(c, ek_v16_s32);
    sums[3] += __builtin_convertvector(d, ek_v16_s32);
    sums[4] += __builtin_convertvector(e, ek_v16_s32);
    sums[5] += __builtin_convertvector(f, ek_v16_s32);
}

/* Sixteen channels of up to six pixels; `channels` of them and `pixels` are stored. */
EK_INLINE void ek_host_conv_2d_s8_tile(const ek_host_conv_2d_s8_params *p, const float *rows,
                                       int32_t size, const float *w, const int32_t *bias,
                                       const int32_t *multiplier, const int32_t *shift,
                                       int8_t *out, int32_t pixels, int32_t channels)
{
    ek_v16_s32 sums[EK_PIXELS];
    for (int32_t i = 0; i < EK_PIXELS; i++)
        sums[i] = ek_v16_load_s32(bias);
    for (int32_t k = 0; k < size; k += p->run) {
        const int32_t count = size - k < p->run ? size - k : p->run;
        ek_host_conv_2d_s8_run(sums, rows + k, size, w + k * EK_LANES, count);
    }
    for (int32_t i = 0; i < pixels; i++) {
        int32_t plain[EK_LANES];
        memcpy(plain, &sums[i], sizeof plain);
        ek_host_requantize(plain, multiplier, shift, p->output_offset, p->output_min,
                           p->output_max, p->small, out + i * p->out_ch, channels);
    }
}

EK_INLINE void ek_host_conv_2d_s8(const ek_host_conv_2d_s8_params *p, const int8_t *in,
                                  const float *weights, const int32_t *bias,
                                  const int32_t *multiplier, const int32_t *shift, int8_t *out,
                                  float *rows)
{
    const int32_t size = p->kernel_h * p->kernel_w * p->depth;
    const int32_t per_group = p->out_ch / p->groups;
    const int32_t tiles = (per_group + EK_LANES - 1) / EK_LANES;
    const int32_t all = p->out_h * p->out_w;
    for (int32_t first = 0; first < all; first += EK_PIXELS) {
        const int32_t pixels = all - first < EK_PIXELS ? all - first : EK_PIXELS;
        for (int32_t group = 0; group < p->groups; group++) {
            for (int32_t i = 0; i < pixels; i++)
                ek_host_conv_2d_s8_gather(p, in + group * p->depth, first + i, rows + i * size);
            for (int32_t tile = 0; tile < tiles; tile++) {
                const int32_t at = (group * tiles + tile) * EK_LANES;
                const int32_t done = tile * EK_LANES;
                const int32_t left = per_group - done;
                ek_host_conv_2d_s8_tile(p, rows, size, weights + (size_t)at * (size_t)size,
                                        bias + at, multiplier + at, shift + at,
                                        out + first * p->out_ch + group * per_group + done, pixels,
                                        left < EK_LANES ? left : EK_LANES);
            }
        }
    }
}

#endif
