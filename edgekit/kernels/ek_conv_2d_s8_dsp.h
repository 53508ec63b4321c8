/* ek_conv_2d_s8_dsp: ek_conv_2d_s8 for cores with SMLAD.
 *
 * Layouts, rounding, padding, requirements and aliasing are those of ek_conv_2d_s8.h, except:
 *
 *   right    [out_ch]  int8, what ek_requantize_dsp.h wants; in the place of shift
 *
 * Scratch    at a multiple of 4 bytes, for each core: records of `block` channels (ek_dot_dsp.h), a
 *            window as pairs, and a window as it is: 16 * (block / 4) * (3 + 2 * quads) + 12 * quads
 *            bytes; where groups are of one channel, a record of one: 4 * (3 + 2 * quads) + 12 * quads;
 *            where they are of two channels, or there is only one, a record of two and a window as it
 *            is: 8 * (3 + 2 * quads) + 4 * quads bytes.
 *            Allocates: never.  Fails: never (ops/variants/dsp.py checks).
 *
 * The weights of `block` output channels are widened into RAM once, then the whole image passes by:
 * each window is widened once, and meets four channels at a time. Per four channels and four inputs
 * that is one LDRD, two LDM and eight SMLAD for 16 multiply-accumulates.
 */
#ifndef EK_CONV_2D_S8_DSP_H
#define EK_CONV_2D_S8_DSP_H

#include "ek_dot_dsp.h"
#include "ek_requantize_dsp.h"

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
    int32_t block; /* a multiple of 4 */
    int32_t share_bytes; /* of scratch memory, for each core; 0: there is one */
    int32_t by_rows;     /* cores share rows, else blocks */
} ek_conv_2d_s8_dsp_params;

/* Whether a window may stick out of the image. */
EK_INLINE int32_t ek_conv_dsp_padded(const ek_conv_2d_s8_dsp_params *p)
{
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const int32_t reach_w = (p->kernel_w - 1) * p->dilation_w + 1;
    return p->pad_h > 0 || p->pad_w > 0 || (p->out_h - 1) * p->stride_h + reach_h > p->in_h ||
           (p->out_w - 1) * p->stride_w + reach_w > p->in_w;
}

EK_INLINE int32_t ek_conv_dsp_inside(const ek_conv_2d_s8_dsp_params *p, int32_t top, int32_t left)
{
    return top >= 0 && top + (p->kernel_h - 1) * p->dilation_h < p->in_h && left >= 0 &&
           left + (p->kernel_w - 1) * p->dilation_w < p->in_w;
}

EK_INLINE void ek_conv_dsp_copy(const int8_t *from, int32_t count, int8_t *to)
{
    int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint32_t word = ek_dsp_load(from + i);
        __builtin_memcpy(to + i, &word, sizeof word);
    }
    if (count - i >= 2) {
        __builtin_memcpy(to + i, from + i, 2);
        i += 2;
    }
    if (i < count)
        to[i] = from[i];
}

EK_INLINE uint32_t *ek_conv_dsp_fill(uint32_t pair, int32_t quads, uint32_t *pairs)
{
    for (int32_t i = 0; i < 2 * quads; i++)
        pairs[i] = pair;
    return pairs + 2 * quads;
}

/* A window, cell by cell; cells are whole words. */
EK_INLINE void ek_conv_dsp_cells(const ek_conv_2d_s8_dsp_params *p, const int8_t *in, int32_t top,
                                 int32_t left, uint32_t *pairs)
{
    const int32_t depth = p->in_ch / p->groups;
    const uint32_t pad = ((uint32_t)p->pad_value & 0xFFFFu) | ((uint32_t)p->pad_value << 16);
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;
            if (y >= 0 && y < p->in_h && x >= 0 && x < p->in_w)
                pairs = ek_dsp_widen(in + (y * p->in_w + x) * p->in_ch, depth / 4, pairs);
            else
                pairs = ek_conv_dsp_fill(pad, depth / 4, pairs);
        }
    }
}

/* The same for cells that are no whole words, into bytes; of a window that lies in the image. */
EK_INLINE void ek_conv_dsp_gather_inside(const ek_conv_2d_s8_dsp_params *p, const int8_t *x,
                                         int8_t *to)
{
    const int32_t depth = p->in_ch / p->groups;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            ek_conv_dsp_copy(x + kx * p->dilation_w * p->in_ch, depth, to);
            to += depth;
        }
        x += p->dilation_h * p->in_w * p->in_ch;
    }
}

/* Of any window. */
EK_INLINE void ek_conv_dsp_gather(const ek_conv_2d_s8_dsp_params *p, const int8_t *in, int32_t top,
                                  int32_t left, int8_t *to)
{
    const int32_t depth = p->in_ch / p->groups;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->kernel_w; kx++) {
            const int32_t x = left + kx * p->dilation_w;
            const int32_t real = y >= 0 && y < p->in_h && x >= 0 && x < p->in_w;
            if (real)
                ek_conv_dsp_copy(in + (y * p->in_w + x) * p->in_ch, depth, to);
            else
                for (int32_t i = 0; i < depth; i++)
                    to[i] = (int8_t)p->pad_value;
            to += depth;
        }
    }
}

EK_INLINE int32_t ek_conv_dsp_whole_rows(const ek_conv_2d_s8_dsp_params *p)
{
    return p->groups == 1 && p->dilation_w == 1;
}

/* Whether the window lies in the image, and its rows are whole words there, or there is only one. */
EK_INLINE int32_t ek_conv_dsp_lies(const ek_conv_2d_s8_dsp_params *p, int32_t top, int32_t left)
{
    const int32_t inside = !ek_conv_dsp_padded(p) || ek_conv_dsp_inside(p, top, left);
    return inside && ek_conv_dsp_whole_rows(p) &&
           (p->kernel_h == 1 || p->kernel_w * p->in_ch % 4 == 0);
}

/* Any window into bytes. */
EK_INLINE void ek_conv_dsp_bytes(const ek_conv_2d_s8_dsp_params *p, const int8_t *in, int32_t top,
                                 int32_t left, int8_t *bytes)
{
    const int32_t row = p->kernel_w * (p->in_ch / p->groups);
    const int32_t at = (top * p->in_w + left) * p->in_ch; /* no pointer, as it may be outside */
    if (ek_conv_dsp_padded(p) && !ek_conv_dsp_inside(p, top, left))
        ek_conv_dsp_gather(p, in, top, left, bytes);
    else if (ek_conv_dsp_whole_rows(p))
        for (int32_t ky = 0; ky < p->kernel_h; ky++)
            ek_conv_dsp_copy(in + at + ky * p->dilation_h * p->in_w * p->in_ch, row,
                             bytes + ky * row);
    else
        ek_conv_dsp_gather_inside(p, in + at, bytes);
}

/* A window as pairs; `bytes` is room for it as it is. */
EK_INLINE void ek_conv_dsp_window(const ek_conv_2d_s8_dsp_params *p, const int8_t *in, int32_t top,
                                  int32_t left, int8_t *bytes, uint32_t *pairs)
{
    const int32_t depth = p->in_ch / p->groups;
    const int32_t size = p->kernel_h * p->kernel_w * depth;
    const int32_t row = p->dilation_h * p->in_w * p->in_ch;
    const int32_t at = (top * p->in_w + left) * p->in_ch; /* no pointer, as it may be outside */
    if (ek_conv_dsp_lies(p, top, left)) {
        for (int32_t ky = 0; ky < p->kernel_h; ky++)
            pairs = ek_dsp_widen(in + at + ky * row, p->kernel_w * depth / 4, pairs);
        if (size % 4)
            ek_dsp_widen_word(ek_dsp_load_rest(in + at + size / 4 * 4, size % 4), pairs);
    } else if (depth % 4 == 0) {
        ek_conv_dsp_cells(p, in, top, left, pairs);
    } else {
        ek_conv_dsp_bytes(p, in, top, left, bytes);
        ek_dsp_widen(bytes, (size + 3) / 4, pairs);
    }
}

/* Sums as outputs of `count` channels; `m` is at their multipliers, `width` of them. */
EK_INLINE void ek_conv_dsp_store(const ek_conv_2d_s8_dsp_params *p, ek_four_t sums,
                                 const uint32_t *m, int32_t width, int32_t count, int8_t *out)
{
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const int32_t all[4] = {sums.a, sums.b, sums.c, sums.d};
    for (int32_t i = 0; i < count; i++)
        out[i * p->out_channel] =
            ek_requantize_dsp_s8(by, all[i], (int32_t)m[i], (int32_t)m[width + i]);
}

/* All channels, one or two, of the record for one window, which is met only once. */
EK_INLINE void ek_conv_dsp_two(const ek_conv_2d_s8_dsp_params *p, const int8_t *in, int32_t top,
                               int32_t left, int8_t *bytes, const uint32_t *record, int8_t *out)
{
    const int32_t row = p->kernel_w * (p->in_ch / p->groups);
    ek_four_t sums = {(int32_t)record[0], (int32_t)record[1], 0, 0};
    record += 2;
    if (ek_conv_dsp_lies(p, top, left)) {
        const int8_t *const x = in + (top * p->in_w + left) * p->in_ch;
        for (int32_t ky = 0; ky < p->kernel_h; ky++)
            sums = ek_dsp_dot_two(sums, x + ky * p->dilation_h * p->in_w * p->in_ch, &record, row);
    } else {
        ek_conv_dsp_bytes(p, in, top, left, bytes);
        sums = ek_dsp_dot_two(sums, bytes, &record, p->kernel_h * row);
    }
    ek_conv_dsp_store(p, sums, record, 2, p->out_ch / p->groups, out);
}

/* The channel of a record of one. */
EK_INLINE void ek_conv_dsp_one(const ek_conv_2d_s8_dsp_params *p, const uint32_t *x,
                               const uint32_t *record, int8_t *out)
{
    const int32_t quads = (p->kernel_h * p->kernel_w * (p->in_ch / p->groups) + 3) / 4;
    const ek_four_t sum = {ek_dsp_dot_pairs((int32_t)record[0], x, record + 1, quads), 0, 0, 0};
    ek_conv_dsp_store(p, sum, record + 1 + 2 * quads, 1, 1, out);
}

/* The four channels of a record, of which `count` are stored; gives the record behind. */
EK_INLINE const uint32_t *ek_conv_dsp_four(const ek_conv_2d_s8_dsp_params *p, const uint32_t *x,
                                           const uint32_t *record, int32_t count, int8_t *out)
{
    const int32_t size = p->kernel_h * p->kernel_w * (p->in_ch / p->groups);
    const ek_four_t sums = count == 1 ? ek_dsp_dot_one(x, &record, (size + 3) / 4)
                                      : ek_dsp_dot_four(x, &record, (size + 3) / 4);
    ek_conv_dsp_store(p, sums, record, 4, count, out);
    return record + 8;
}

/* All channels whose records are in RAM, for one window. */
EK_INLINE void ek_conv_dsp_channels(const ek_conv_2d_s8_dsp_params *p, const uint32_t *x,
                                    const uint32_t *records, int32_t count, int8_t *out)
{
    for (int32_t fours = count / 4; fours > 0; fours--) {
        records = ek_conv_dsp_four(p, x, records, 4, out);
        out += 4 * p->out_channel;
    }
    if (p->out_ch / p->groups % 4 != 0 && count % 4 != 0)
        ek_conv_dsp_four(p, x, records, p->out_ch / p->groups % 4, out);
}

/* Of records. The windows of several groups of one channel each are met quicker as pairs. */
EK_INLINE int32_t ek_conv_dsp_width(const ek_conv_2d_s8_dsp_params *p)
{
    const int32_t per_group = p->out_ch / p->groups;
    if (per_group == 2 || p->out_ch == 1)
        return 2;
    return per_group == 1 ? 1 : 4;
}

/* Share `share` of `shares`: some rows of all channels, or every so many-th block of channels. */
EK_INLINE void ek_conv_2d_s8_dsp_share(const ek_conv_2d_s8_dsp_params *p, const int8_t *in,
                                       const int8_t *weights, const int32_t *bias,
                                       const int32_t *multiplier, const int8_t *right, int8_t *out,
                                       void *scratch, int32_t share, int32_t shares)
{
    const int32_t depth = p->in_ch / p->groups;
    const int32_t size = p->kernel_h * p->kernel_w * depth;
    const int32_t per_group = p->out_ch / p->groups, width = ek_conv_dsp_width(p);
    const int32_t first = p->by_rows ? share * p->out_h / shares : 0;
    const int32_t end = p->by_rows ? (share + 1) * p->out_h / shares : p->out_h;
    uint32_t *const records = (uint32_t *)scratch + share * p->share_bytes / 4;
    int32_t turn = 0;
    uint32_t *const x = records + p->block / 4 * ek_dsp_record_words(size, width);
    int8_t *const bytes = (int8_t *)(x + (width == 2 ? 0 : 2 * ((size + 3) / 4)));
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t start = 0; start < per_group; start += p->block) {
            const int32_t c = group * per_group + start;
            const int32_t left_over = per_group - start;
            const int32_t count = left_over < p->block ? left_over : p->block;
            int8_t *pixel = out + group * p->out_group + start * p->out_channel +
                            first * p->out_w * p->out_stride;
            if (!p->by_rows && turn++ % shares != share)
                continue;
            ek_dsp_records(weights + c * size, bias + c, multiplier + c, right + c, size, count,
                           width, records);
            for (int32_t oy = first; oy < end; oy++) {
                const int32_t top = oy * p->stride_h - p->pad_h;
                for (int32_t ox = 0; ox < p->out_w; ox++) {
                    const int32_t left = ox * p->stride_w - p->pad_w;
                    if (width == 2) {
                        ek_conv_dsp_two(p, in + group * depth, top, left, bytes, records, pixel);
                    } else {
                        ek_conv_dsp_window(p, in + group * depth, top, left, bytes, x);
                        if (width == 1)
                            ek_conv_dsp_one(p, x, records, pixel);
                        else
                            ek_conv_dsp_channels(p, x, records, count, pixel);
                    }
                    pixel += p->out_stride;
                }
            }
        }
    }
}

EK_INLINE void ek_conv_2d_s8_dsp(const ek_conv_2d_s8_dsp_params *p, const int8_t *in,
                                 const int8_t *weights, const int32_t *bias,
                                 const int32_t *multiplier, const int8_t *right, int8_t *out,
                                 void *scratch)
{
    ek_conv_2d_s8_dsp_share(p, in, weights, bias, multiplier, right, out, scratch, 0, 1);
}

#endif
