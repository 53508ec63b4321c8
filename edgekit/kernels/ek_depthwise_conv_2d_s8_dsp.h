/* ek_depthwise_conv_2d_s8_dsp: ek_depthwise_conv_2d_s8 for cores with SMLAD.
 *
 * Layouts, rounding, padding, requirements and aliasing are those of ek_depthwise_conv_2d_s8.h,
 * except:
 *
 *   right    [out_ch]  int8, what ek_requantize_dsp.h wants; in the place of shift
 *
 * Scratch    at a multiple of 4 bytes: weights [2 * kernel_h * quads] uint32, where quads is
 *            (kernel_w + 3) / 4; then plane [plane_h][pitch] int8, and 4 bytes more; pitch is
 *            plane_w, or where classes > 1, classes * ((plane_w + classes - 1) / classes).
 *            Allocates: never.  Fails: never (ops/variants/dsp.py checks).
 *
 * One channel at a time is copied into the plane, as in the portable kernel. Four neighbours of a
 * row are two pairs (ek_dsp.h), which the weights of that row meet as pairs. With a stride of 1 two
 * outputs share them: what meets the first one's even cells meets the second one's odd cells.
 *
 * A kernel that is dilated by `classes` along a row is one without dilation to each of so many
 * classes of columns: those of class c are x with x % classes == c, and lie together.
 */
#ifndef EK_DEPTHWISE_CONV_2D_S8_DSP_H
#define EK_DEPTHWISE_CONV_2D_S8_DSP_H

#include "ek_depthwise_3x3_dsp.h"
#include "ek_dot_dsp.h"
#include "ek_requantize_dsp.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w;
    int32_t plane_h, plane_w;
    int32_t out_stride;
    int32_t depth_multiplier;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t classes; /* dilation_w where stride_w is 1, else 1 */
    int32_t share_bytes; /* of scratch memory, for each core; 0: there is one */
} ek_depthwise_conv_2d_s8_dsp_params;

EK_INLINE void ek_depthwise_dsp_fill_value(int8_t *to, int32_t count, int32_t value)
{
    for (int32_t i = 0; i < count; i++)
        to[i] = (int8_t)value;
}

/* The image's part of the plane; `in` is at the channel. */
EK_INLINE void ek_depthwise_dsp_fill(const ek_depthwise_conv_2d_s8_dsp_params *p, const int8_t *in,
                                     int8_t *plane)
{
    /* The plane's columns left..right-1 and rows top..bottom-1 are the image's. */
    const int32_t left = p->pad_w, top = p->pad_h;
    const int32_t right = p->in_w + left < p->plane_w ? p->in_w + left : p->plane_w;
    const int32_t bottom = p->in_h + top < p->plane_h ? p->in_h + top : p->plane_h;
    plane += top * p->plane_w;
    for (int32_t y = top; y < bottom; y++) {
        const int8_t *x = in + (y - top) * p->in_w * p->in_ch;
        int32_t i = left;
        for (; i + 8 <= right; i += 8) {
            for (int32_t k = 0; k < 8; k++)
                plane[i + k] = x[k * p->in_ch];
            x += 8 * p->in_ch;
        }
        for (; i < right; i++) {
            plane[i] = *x;
            x += p->in_ch;
        }
        plane += p->plane_w;
    }
}

/* Columns of a class in the plane. */
EK_INLINE int32_t ek_depthwise_dsp_class(const ek_depthwise_conv_2d_s8_dsp_params *p)
{
    return (p->plane_w + p->classes - 1) / p->classes;
}

/* The same for several classes of columns. */
EK_INLINE void ek_depthwise_dsp_fill_classes(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                             const int8_t *in, int8_t *plane)
{
    const int32_t columns = ek_depthwise_dsp_class(p);
    for (int32_t y = -p->pad_h; y < p->plane_h - p->pad_h; y++) {
        const int32_t real = y >= 0 && y < p->in_h;
        const int8_t *x = in + (real ? y * p->in_w * p->in_ch : 0);
        for (int32_t class = 0; class < p->classes; class++) {
            int32_t column = class - p->pad_w;
            for (int32_t i = 0; i < columns; i++, column += p->classes)
                *plane++ = real && column >= 0 && column < p->in_w ? x[column * p->in_ch]
                                                                   : (int8_t)p->pad_value;
        }
    }
}

/* One channel's outputs of one class, and the plane that they come from. */
typedef struct {
    const int8_t *x;
    int32_t pitch; /* bytes from row to row of the plane */
    int32_t count; /* of a row of outputs */
    int8_t *out;
    int32_t step;  /* bytes from output to output */
    int32_t skip;  /* and from where the next one of a row would be to the next row */
} ek_depthwise_dsp_field_t;

/* 3 x 3: two outputs at a time where they are neighbours in the image as well. */
EK_INLINE void ek_depthwise_dsp_channel_3x3(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                            ek_depthwise_dsp_field_t field, const int8_t *weights,
                                            int32_t bias, int32_t multiplier, int32_t right)
{
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const ek_depthwise_dsp_3x3_t w = ek_depthwise_dsp_3x3(weights);
    const int32_t pitch = p->dilation_h * field.pitch;
    const int32_t together = p->stride_w == 1 ? field.count / 2 * 2 : 0;
    int8_t *out = field.out;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const int8_t *x = field.x + oy * p->stride_h * field.pitch;
        for (int32_t ox = 0; ox < together; ox += 2) {
            uint32_t word = ek_dsp_load(x);
            uint32_t even = ek_dsp_even(word), odd = ek_dsp_odd(word);
            int32_t first = ek_dsp_dot(even, w.outer0, bias);
            int32_t second = ek_dsp_dot(odd, w.outer0, bias);
            first = ek_dsp_low_low(odd, w.middle01, first);
            second = ek_dsp_high_low(even, w.middle01, second);
            word = ek_dsp_load(x + pitch);
            even = ek_dsp_even(word), odd = ek_dsp_odd(word);
            first = ek_dsp_dot(even, w.outer1, first);
            second = ek_dsp_dot(odd, w.outer1, second);
            first = ek_dsp_low_high(odd, w.middle01, first);
            second = ek_dsp_high_high(even, w.middle01, second);
            word = ek_dsp_load(x + 2 * pitch);
            even = ek_dsp_even(word), odd = ek_dsp_odd(word);
            first = ek_dsp_dot(even, w.outer2, first);
            second = ek_dsp_dot(odd, w.outer2, second);
            first = ek_dsp_low_low(odd, w.middle2, first);
            second = ek_dsp_high_low(even, w.middle2, second);
            out[0] = ek_requantize_dsp_s8(by, first, multiplier, right);
            out[field.step] = ek_requantize_dsp_s8(by, second, multiplier, right);
            out += 2 * field.step;
            x += 2;
        }
        for (int32_t ox = together; ox < field.count; ox++) {
            uint32_t word = ek_dsp_load(x);
            int32_t sum = ek_dsp_dot(ek_dsp_even(word), w.outer0, bias);
            sum = ek_dsp_low_low(ek_dsp_odd(word), w.middle01, sum);
            word = ek_dsp_load(x + pitch);
            sum = ek_dsp_dot(ek_dsp_even(word), w.outer1, sum);
            sum = ek_dsp_low_high(ek_dsp_odd(word), w.middle01, sum);
            word = ek_dsp_load(x + 2 * pitch);
            sum = ek_dsp_dot(ek_dsp_even(word), w.outer2, sum);
            sum = ek_dsp_low_low(ek_dsp_odd(word), w.middle2, sum);
            *out = ek_requantize_dsp_s8(by, sum, multiplier, right);
            out += field.step;
            x += p->stride_w;
        }
        out += field.skip;
    }
}

/* Any kernel: a row's weights by fours, filled up with zeros. */
EK_INLINE int32_t ek_depthwise_dsp_window(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                          const int8_t *x, int32_t pitch, const uint32_t *w,
                                          int32_t sum)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx += 4) {
            const uint32_t word = ek_dsp_load(x + kx);
            sum = ek_dsp_dot(ek_dsp_even(word), w[0], sum);
            if (kx + 1 < p->kernel_w)
                sum = ek_dsp_dot(ek_dsp_odd(word), w[1], sum);
            w += 2;
        }
        x += p->dilation_h * pitch;
    }
    return sum;
}

typedef struct {
    int32_t first, second;
} ek_depthwise_dsp_two_t;

/* One row of the kernel for two outputs side by side; w as above. */
EK_INLINE ek_depthwise_dsp_two_t ek_depthwise_dsp_row(int32_t kernel_w, const int8_t *x,
                                                      const uint32_t *w,
                                                      ek_depthwise_dsp_two_t sum)
{
    uint32_t before = 0;
    for (int32_t kx = 0; kx <= kernel_w; kx += 4) {
        const uint32_t word = ek_dsp_load(x + kx);
        const uint32_t even = ek_dsp_even(word), odd = ek_dsp_odd(word);
        if (kx > 0)
            sum.second = ek_dsp_low_high(even, before, sum.second);
        if (kx < kernel_w) {
            sum.first = ek_dsp_dot(even, w[0], sum.first);
            sum.second = ek_dsp_dot(odd, w[0], sum.second);
        }
        if (kx + 1 < kernel_w) {
            before = w[1];
            sum.first = ek_dsp_dot(odd, before, sum.first);
            sum.second = ek_dsp_high_low(even, before, sum.second);
        }
        w += 2;
    }
    return sum;
}

EK_INLINE ek_depthwise_dsp_two_t ek_depthwise_dsp_two(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                                      const int8_t *x, int32_t pitch,
                                                      const uint32_t *w, int32_t bias)
{
    ek_depthwise_dsp_two_t sum = {bias, bias};
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        sum = ek_depthwise_dsp_row(p->kernel_w, x, w, sum);
        w += 2 * ((p->kernel_w + 3) / 4);
        x += p->dilation_h * pitch;
    }
    return sum;
}

EK_INLINE void ek_depthwise_dsp_pairs(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                      const int8_t *weights, uint32_t *to)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx += 4) {
            const int32_t rest = p->kernel_w - kx;
            const uint32_t word = ek_dsp_load_rest(weights + kx, rest < 4 ? rest : 4);
            *to++ = ek_dsp_even(word);
            *to++ = ek_dsp_odd(word);
        }
        weights += p->kernel_w;
    }
}

EK_INLINE void ek_depthwise_dsp_channel(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                        ek_depthwise_dsp_field_t field, const uint32_t *pairs,
                                        int32_t bias, int32_t multiplier, int32_t right)
{
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const int32_t together = p->stride_w == 1 ? field.count / 2 * 2 : 0;
    int8_t *out = field.out;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const int8_t *x = field.x + oy * p->stride_h * field.pitch;
        for (int32_t ox = 0; ox < together; ox += 2) {
            const ek_depthwise_dsp_two_t sum =
                ek_depthwise_dsp_two(p, x, field.pitch, pairs, bias);
            out[0] = ek_requantize_dsp_s8(by, sum.first, multiplier, right);
            out[field.step] = ek_requantize_dsp_s8(by, sum.second, multiplier, right);
            out += 2 * field.step;
            x += 2;
        }
        for (int32_t ox = together; ox < field.count; ox++) {
            const int32_t sum = ek_depthwise_dsp_window(p, x, field.pitch, pairs, bias);
            *out = ek_requantize_dsp_s8(by, sum, multiplier, right);
            out += field.step;
            x += p->stride_w;
        }
        out += field.skip;
    }
}

/* The same cells for a kernel that is dilated along a row, with a stride: one by one. */
EK_INLINE void ek_depthwise_dsp_strided(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                        const int8_t *plane, const int8_t *weights, int32_t bias,
                                        int32_t multiplier, int32_t right, int8_t *out)
{
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const int8_t *x = plane + oy * p->stride_h * p->plane_w + ox * p->stride_w;
            const int8_t *w = weights;
            int32_t sum = bias;
            for (int32_t ky = 0; ky < p->kernel_h; ky++, x += p->dilation_h * p->plane_w)
                for (int32_t kx = 0; kx < p->kernel_w; kx++)
                    sum += x[kx * p->dilation_w] * *w++;
            *out = ek_requantize_dsp_s8(by, sum, multiplier, right);
            out += p->out_stride;
        }
    }
}

/* All outputs of one channel in one class. */
EK_INLINE void ek_depthwise_dsp_fields(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                       ek_depthwise_dsp_field_t field, const int8_t *weights,
                                       uint32_t *pairs, int32_t bias, int32_t multiplier,
                                       int32_t right)
{
    if (p->kernel_h == 3 && p->kernel_w == 3) {
        ek_depthwise_dsp_channel_3x3(p, field, weights, bias, multiplier, right);
    } else {
        ek_depthwise_dsp_pairs(p, weights, pairs);
        ek_depthwise_dsp_channel(p, field, pairs, bias, multiplier, right);
    }
}

/* All outputs of one channel. */
EK_INLINE void ek_depthwise_dsp_all(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                    const int8_t *plane, const int8_t *weights, uint32_t *pairs,
                                    int32_t bias, int32_t multiplier, int32_t right, int8_t *out)
{
    if (p->dilation_w > p->classes) {
        ek_depthwise_dsp_strided(p, plane, weights, bias, multiplier, right, out);
        return;
    }
    if (p->classes == 1) {
        const ek_depthwise_dsp_field_t whole = {plane, p->plane_w, p->out_w, out, p->out_stride, 0};
        ek_depthwise_dsp_fields(p, whole, weights, pairs, bias, multiplier, right);
        return;
    }
    const int32_t columns = ek_depthwise_dsp_class(p);
    for (int32_t class = 0; class < p->classes && class < p->out_w; class++) {
        const int32_t count = (p->out_w - class + p->classes - 1) / p->classes;
        const ek_depthwise_dsp_field_t field = {
            plane + class * columns, p->classes * columns, count, out + class * p->out_stride,
            p->classes * p->out_stride, (p->out_w - p->classes * count) * p->out_stride};
        ek_depthwise_dsp_fields(p, field, weights, pairs, bias, multiplier, right);
    }
}

/* Share `share` of `shares`: some of the channels. */
EK_INLINE void ek_depthwise_conv_2d_s8_dsp_share(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                                 const int8_t *in, const int8_t *weights,
                                                 const int32_t *bias, const int32_t *multiplier,
                                                 const int8_t *right, int8_t *out, void *scratch,
                                                 int32_t share, int32_t shares)
{
    const int32_t size = p->kernel_h * p->kernel_w;
    const int32_t first = share * p->in_ch / shares, end = (share + 1) * p->in_ch / shares;
    uint32_t *const pairs = (uint32_t *)scratch + share * p->share_bytes / 4;
    int8_t *const plane = (int8_t *)(pairs + 2 * p->kernel_h * ((p->kernel_w + 3) / 4));
    int32_t c = first * p->depth_multiplier;
    if (p->classes == 1) /* no channel changes what lies around it */
        ek_depthwise_dsp_fill_value(plane, p->plane_h * p->plane_w, p->pad_value);
    for (int32_t channel = first; channel < end; channel++) {
        if (p->classes > 1)
            ek_depthwise_dsp_fill_classes(p, in + channel, plane);
        else
            ek_depthwise_dsp_fill(p, in + channel, plane);
        for (int32_t k = 0; k < p->depth_multiplier; k++) {
            ek_depthwise_dsp_all(p, plane, weights + c * size, pairs, bias[c], multiplier[c],
                                 right[c], out + c);
            c++;
        }
    }
}

EK_INLINE void ek_depthwise_conv_2d_s8_dsp(const ek_depthwise_conv_2d_s8_dsp_params *p,
                                           const int8_t *in, const int8_t *weights,
                                           const int32_t *bias, const int32_t *multiplier,
                                           const int8_t *right, int8_t *out, void *scratch)
{
    ek_depthwise_conv_2d_s8_dsp_share(p, in, weights, bias, multiplier, right, out, scratch, 0, 1);
}

#endif
