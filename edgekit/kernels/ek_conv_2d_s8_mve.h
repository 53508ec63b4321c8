/* ek_conv_2d_s8_mve: ek_conv_2d_s8 for cores with the M-profile vector extension.
 *
 * Layouts, rounding, padding, requirements and aliasing are those of ek_conv_2d_s8.h, except:
 *
 *   weights  [groups][fours][runs][vectors][4][16] int8: fours of channels, the last one filled up
 *            with zeros as the last vector of a run; a window is `runs` runs of `run` bytes
 *
 *   bias, multiplier, shift   [groups][fours][4], filled up with zeros
 *
 * Alignment  of no account.
 * Scratch    window [kernel_h * kernel_w * in_ch / groups] int8.
 *            Allocates: never.  Fails: never (ops/variants/mve.py checks).
 *
 * Sixteen inputs at a time meet the weights of four channels: one load of inputs, then a load and a
 * VMLADAVA for each channel. Windows that stick out of the image are copied together first, and the
 * rows of others where that takes fewer instructions than to read them where they lie.
 */
#ifndef EK_CONV_2D_S8_MVE_H
#define EK_CONV_2D_S8_MVE_H

#include "ek_mve.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w;
    int32_t groups;
    int32_t out_stride, out_group, out_channel;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t runs, run; /* 1 and all of it, or kernel_h and a row that can be read where it lies */
} ek_conv_2d_s8_mve_params;

EK_INLINE int32_t ek_conv_mve_padded(const ek_conv_2d_s8_mve_params *p)
{
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const int32_t reach_w = (p->kernel_w - 1) * p->dilation_w + 1;
    return p->pad_h > 0 || p->pad_w > 0 || (p->out_h - 1) * p->stride_h + reach_h > p->in_h ||
           (p->out_w - 1) * p->stride_w + reach_w > p->in_w;
}

EK_INLINE int32_t ek_conv_mve_inside(const ek_conv_2d_s8_mve_params *p, int32_t top, int32_t left)
{
    return top >= 0 && top + (p->kernel_h - 1) * p->dilation_h < p->in_h && left >= 0 &&
           left + (p->kernel_w - 1) * p->dilation_w < p->in_w;
}

/* One cell: few bytes are quicker by themselves than as a part of a vector. What lies behind it may
 * be read and written too, unless it is the `last` of a window. */
EK_INLINE void ek_conv_mve_cell(int8_t *to, const int8_t *from, int32_t depth, int32_t last)
{
    if (depth == 1)
        *to = *from;
    else if (depth == 2)
        __builtin_memcpy(to, from, 2);
    else if (depth == 3 && last)
        __builtin_memcpy(to, from, 3);
    else if (depth == 3 || depth == 4)
        __builtin_memcpy(to, from, 4);
    else
        ek_mve_copy(to, from, depth);
}

/* A window that lies in the image, cell by cell. */
EK_INLINE void ek_conv_mve_gather_inside(const ek_conv_2d_s8_mve_params *p, const int8_t *x,
                                         int8_t *to)
{
    const int32_t depth = p->in_ch / p->groups;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            ek_conv_mve_cell(to, x + kx * p->dilation_w * p->in_ch, depth,
                             ky == p->kernel_h - 1 && kx == p->kernel_w - 1);
            to += depth;
        }
        x += p->dilation_h * p->in_w * p->in_ch;
    }
}

/* Any window of whole rows. */
EK_INLINE void ek_conv_mve_gather_rows(const ek_conv_2d_s8_mve_params *p, const int8_t *in,
                                       int32_t top, int32_t left, int8_t *to)
{
    const int32_t length = p->kernel_w * p->in_ch;
    const int32_t before = left < 0 ? -left : 0;
    const int32_t end = left + p->kernel_w < p->in_w ? p->kernel_w : p->in_w - left;
    ek_mve_fill(to, p->pad_value, p->kernel_h * length);
    if (before >= end)
        return;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        if (y >= 0 && y < p->in_h)
            ek_mve_copy_some(to + ky * length + before * p->in_ch,
                             in + (y * p->in_w + left + before) * p->in_ch,
                             (end - before) * p->in_ch);
    }
}

/* Any other window. */
EK_INLINE void ek_conv_mve_gather(const ek_conv_2d_s8_mve_params *p, const int8_t *in, int32_t top,
                                  int32_t left, int8_t *to)
{
    const int32_t depth = p->in_ch / p->groups;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;
            if (y >= 0 && y < p->in_h && x >= 0 && x < p->in_w)
                ek_conv_mve_cell(to, in + (y * p->in_w + x) * p->in_ch, depth, 1);
            else
                ek_mve_fill(to, p->pad_value, depth);
            to += depth;
        }
    }
}

/* Where the runs of a window lie: `apart` bytes from one to the next. */
typedef struct {
    const int8_t *x;
    int32_t apart;
} ek_conv_mve_window_t;

EK_INLINE ek_conv_mve_window_t ek_conv_mve_window(const ek_conv_2d_s8_mve_params *p,
                                                  const int8_t *in, int32_t top, int32_t left,
                                                  int8_t *scratch)
{
    const int32_t row = p->dilation_h * p->in_w * p->in_ch;
    const int32_t length = p->kernel_w * p->in_ch;
    const int32_t whole_rows = p->groups == 1 && p->dilation_w == 1;
    const int32_t inside = !ek_conv_mve_padded(p) || ek_conv_mve_inside(p, top, left);
    const int8_t *x = in + (top * p->in_w + left) * p->in_ch;
    if (inside && whole_rows && p->run == length)
        return (ek_conv_mve_window_t){x, row};
    if (inside && whole_rows)
        for (int32_t ky = 0; ky < p->kernel_h; ky++)
            ek_mve_copy(scratch + ky * length, x + ky * row, length);
    else if (inside)
        ek_conv_mve_gather_inside(p, x, scratch);
    else if (whole_rows && p->kernel_w > 3) /* of fewer cells it is no quicker */
        ek_conv_mve_gather_rows(p, in, top, left, scratch);
    else
        ek_conv_mve_gather(p, in, top, left, scratch);
    return (ek_conv_mve_window_t){scratch, p->run};
}

/* Four channels, of which `count` are stored, for one window; gives the weights behind theirs. */
EK_INLINE const int8_t *ek_conv_mve_four(const ek_conv_2d_s8_mve_params *p,
                                         ek_conv_mve_window_t window, const int8_t *w,
                                         const int32_t *bias, const int32_t *multiplier,
                                         const int8_t *shift, int32_t count, int8_t *out)
{
    const ek_mve_output_t by = {p->output_offset, p->output_min, p->output_max, p->small};
    ek_mve_four_t sum = {bias[0], bias[1], bias[2], bias[3]};
    for (int32_t i = 0; i < p->runs; i++) {
        const int8_t *const x = window.x + i * window.apart;
        sum = count == 1 ? ek_mve_dot_one(sum, x, w, p->run)
                         : ek_mve_dot_four(sum, x, w, p->run, p->runs < p->kernel_h);
        w += ek_mve_vectors(p->run) * 4 * EK_MVE_BYTES;
    }
    if (p->out_channel == 1) {
        ek_mve_store_four(by, sum, multiplier, shift, count, out);
    } else {
        int8_t four[4];
        ek_mve_store_four(by, sum, multiplier, shift, count, four);
        for (int32_t i = 0; i < count; i++)
            out[i * p->out_channel] = four[i];
    }
    return w;
}

/* Channels of one group, four at a time, for one window. */
EK_INLINE void ek_conv_mve_channels(const ek_conv_2d_s8_mve_params *p, ek_conv_mve_window_t window,
                                    const int8_t *w, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int8_t *out)
{
    const int32_t per_group = p->out_ch / p->groups, rest = per_group % 4, whole = per_group - rest;
    for (int32_t c = 0; c < whole; c += 4)
        w = ek_conv_mve_four(p, window, w, bias + c, multiplier + c, shift + c, 4,
                             out + c * p->out_channel);
    if (rest)
        ek_conv_mve_four(p, window, w, bias + whole, multiplier + whole, shift + whole, rest,
                         out + whole * p->out_channel);
}

EK_INLINE void ek_conv_2d_s8_mve(const ek_conv_2d_s8_mve_params *p, const int8_t *in,
                                 const int8_t *weights, const int32_t *bias,
                                 const int32_t *multiplier, const int8_t *shift, int8_t *out,
                                 void *scratch)
{
    const int32_t depth = p->in_ch / p->groups;
    const int32_t fours = (p->out_ch / p->groups + 3) / 4;
    const int32_t of_a_group = fours * p->runs * ek_mve_vectors(p->run) * 4 * EK_MVE_BYTES;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            for (int32_t group = 0; group < p->groups; group++) {
                const int32_t c = group * 4 * fours;
                const ek_conv_mve_window_t window = ek_conv_mve_window(
                    p, in + group * depth, oy * p->stride_h - p->pad_h,
                    ox * p->stride_w - p->pad_w, scratch);
                ek_conv_mve_channels(p, window, weights + group * of_a_group, bias + c,
                                     multiplier + c, shift + c, out + group * p->out_group);
            }
            out += p->out_stride;
        }
    }
}

#endif
