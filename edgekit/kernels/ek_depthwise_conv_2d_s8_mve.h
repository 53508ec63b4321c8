/* ek_depthwise_conv_2d_s8_mve: ek_depthwise_conv_2d_s8 for cores with the M-profile vector extension.
 *
 * Layouts, rounding, padding, requirements and aliasing are those of ek_depthwise_conv_2d_s8.h,
 * except that everything comes by blocks of sixteen channels, the last one filled up with zeros:
 *
 *   weights     [blocks][kernel_h * kernel_w][16]   int8
 *   bias        [blocks][16]    int32, in the order of EK_MVE_ORDER, the last block in its own if
 *                               it has at most EK_MVE_FEW channels
 *   multiplier  [blocks][16]    int32, in that order
 *   shift       [blocks][16]    int8, in that order
 *
 * Requires   small 1 or shifts as in ek_requantize.h; pad_h < the rows that a window reaches over.
 * Alignment  of no account.
 * Scratch    rows [reach_h][plane_w][out_ch] int8, and 15 bytes more; reach_h is
 *            (kernel_h - 1) * dilation_h + 1.  Allocates: never.  Fails: never
 *            (ops/variants/mve.py checks).
 *
 * The rows that a window reaches over are copied, with their padding, so that no window sticks out
 * and outputs may overwrite what has been read. Then sixteen channels at a time: products of two
 * cells are added as int16 (|x * w| <= 128 * 127, so that two of them fit; with a weight of -128 one
 * at a time, `pairs` 0), and these are added as int32.
 */
#ifndef EK_DEPTHWISE_CONV_2D_S8_MVE_H
#define EK_DEPTHWISE_CONV_2D_S8_MVE_H

#include "ek_mve.h"

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
    int32_t pairs;
} ek_depthwise_conv_2d_s8_mve_params;

/* One row of the image, y rows from its top, into the window's memory. */
EK_INLINE void ek_depthwise_mve_row(const ek_depthwise_conv_2d_s8_mve_params *p, const int8_t *in,
                                    int32_t y, int8_t *to)
{
    const int32_t right = p->in_w + p->pad_w < p->plane_w ? p->in_w + p->pad_w : p->plane_w;
    const int32_t real = y >= 0 && y < p->in_h;
    if (!real || p->pad_w > 0 || right < p->plane_w)
        ek_mve_fill(to, p->pad_value, p->plane_w * p->out_ch);
    if (!real)
        return;
    to += p->pad_w * p->out_ch;
    in += y * p->in_w * p->in_ch;
    if (p->depth_multiplier == 1) {
        ek_mve_copy(to, in, (right - p->pad_w) * p->in_ch);
        return;
    }
    for (int32_t i = 0; i < (right - p->pad_w) * p->in_ch; i++)
        for (int32_t k = 0; k < p->depth_multiplier; k++)
            *to++ = in[i];
}

#if EK_HAS_MVE

/* Sums of sixteen channels: of 0, 4, 8, 12; of 2, 6, 10, 14; of 1, 5, 9, 13; of 3, 7, 11, 15. */
typedef struct {
    int32x4_t sums[4];
} ek_mve_sixteen_t;

EK_INLINE ek_mve_sixteen_t ek_mve_widen_add(ek_mve_sixteen_t s, int16x8_t even, int16x8_t odd)
{
    s.sums[0] = vaddq_s32(s.sums[0], vmovlbq_s16(even));
    s.sums[1] = vaddq_s32(s.sums[1], vmovltq_s16(even));
    s.sums[2] = vaddq_s32(s.sums[2], vmovlbq_s16(odd));
    s.sums[3] = vaddq_s32(s.sums[3], vmovltq_s16(odd));
    return s;
}

/* The outputs of sixteen channels, of which `there` are stored. */
EK_INLINE void ek_mve_store_sixteen(ek_mve_output_t by, ek_mve_sixteen_t s,
                                    const int32_t *multiplier, const int8_t *shift, int32_t count,
                                    int8_t *out)
{
    int32x4_t scaled[4];
    for (int32_t i = 0; i < 4; i++)
        scaled[i] = ek_mve_scaled(by, s.sums[i], vldrwq_s32(multiplier + 4 * i),
                                  vldrbq_s32(shift + 4 * i));
    int16x8_t even = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), scaled[0]), scaled[1]);
    int16x8_t odd = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), scaled[2]), scaled[3]);
    even = vqaddq_n_s16(even, (int16_t)by.offset);
    odd = vqaddq_n_s16(odd, (int16_t)by.offset);
    int8x16_t result = vqmovntq_s16(vqmovnbq_s16(vdupq_n_s8(0), even), odd);
    if (by.low > INT8_MIN)
        result = vmaxq_s8(result, vdupq_n_s8((int8_t)by.low));
    if (by.high < INT8_MAX)
        result = vminq_s8(result, vdupq_n_s8((int8_t)by.high));
    if (count < 16)
        vstrbq_p_s8(out, result, vctp8q((uint32_t)count));
    else
        vstrbq_s8(out, result);
}

#endif

/* The place in a block at which a channel's sum stands. */
#define EK_MVE_FEW 8
#define EK_MVE_ORDER(channel) ((channel) % 2 * 8 + (channel) % 4 / 2 * 4 + (channel) / 4)

/* The rows of a window, in its memory, at a channel of its first pixel. */
EK_INLINE const int8_t *ek_depthwise_mve_at(const ek_depthwise_conv_2d_s8_mve_params *p,
                                            const int8_t *rows, int32_t place, int32_t ky)
{
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const int32_t y = place + ky * p->dilation_h;
    return rows + (y >= reach_h ? y - reach_h : y) * p->plane_w * p->out_ch;
}

#if EK_HAS_MVE

/* Adds the products of one cell, or of two whose products fit in an int16 together. */
EK_INLINE ek_mve_sixteen_t ek_mve_add_one(ek_mve_sixteen_t s, const int8_t *x, const int8_t *w)
{
    const int8x16_t a = vldrbq_s8(x), v = vldrbq_s8(w);
    return ek_mve_widen_add(s, vmullbq_int_s8(a, v), vmulltq_int_s8(a, v));
}

EK_INLINE ek_mve_sixteen_t ek_mve_add_two(ek_mve_sixteen_t s, const int8_t *x, const int8_t *y,
                                          const int8_t *w)
{
    const int8x16_t a = vldrbq_s8(x), v = vldrbq_s8(w);
    const int8x16_t b = vldrbq_s8(y), u = vldrbq_s8(w + 16);
    return ek_mve_widen_add(s, vaddq_s16(vmullbq_int_s8(a, v), vmullbq_int_s8(b, u)),
                            vaddq_s16(vmulltq_int_s8(a, v), vmulltq_int_s8(b, u)));
}

/* 3 x 3: nine cells are four pairs and one. */
EK_INLINE ek_mve_sixteen_t ek_depthwise_mve_3x3(const ek_depthwise_conv_2d_s8_mve_params *p,
                                                ek_mve_sixteen_t s, const int8_t *x,
                                                const int8_t *y, const int8_t *z, const int8_t *w)
{
    const int32_t one = p->dilation_w * p->out_ch, two = 2 * one;
    s = ek_mve_add_two(s, x, x + one, w);
    s = ek_mve_add_two(s, x + two, y, w + 32);
    s = ek_mve_add_two(s, y + one, y + two, w + 64);
    s = ek_mve_add_two(s, z, z + one, w + 96);
    return ek_mve_add_one(s, z + two, w + 128);
}

/* Any kernel, row by row. */
EK_INLINE ek_mve_sixteen_t ek_depthwise_mve_row_sums(const ek_depthwise_conv_2d_s8_mve_params *p,
                                                     ek_mve_sixteen_t s, const int8_t *x,
                                                     const int8_t *w)
{
    const int32_t one = p->dilation_w * p->out_ch;
    int32_t kx = 0;
    for (; p->pairs && kx + 1 < p->kernel_w; kx += 2) {
        s = ek_mve_add_two(s, x, x + one, w);
        x += 2 * one;
        w += 32;
    }
    for (; kx < p->kernel_w; kx++) {
        s = ek_mve_add_one(s, x, w);
        x += one;
        w += 16;
    }
    return s;
}

#endif

#if EK_HAS_MVE
/* Up to four channels: as `ek_depthwise_mve_block`, with a lane of 32 bits for each. */
EK_INLINE void ek_depthwise_mve_lanes(const ek_depthwise_conv_2d_s8_mve_params *p,
                                      const int8_t *rows, int32_t place, int32_t at,
                                      const int8_t *w, const int32_t *bias,
                                      const int32_t *multiplier, const int8_t *shift,
                                      int32_t count, int8_t *out)
{
    const ek_mve_output_t by = {p->output_offset, p->output_min, p->output_max, p->small};
    int32x4_t sums = vldrwq_s32(bias);
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *x = ek_depthwise_mve_at(p, rows, place, ky) + at;
        for (int32_t kx = 0; kx < p->kernel_w; kx++, w += EK_MVE_BYTES)
            sums = vaddq_s32(sums, vmulq_s32(vldrbq_s32(x + kx * p->dilation_w * p->out_ch),
                                             vldrbq_s32(w)));
    }
    ek_mve_store_lanes(by, sums, multiplier, shift, count, out);
}
#endif

/* Up to sixteen channels of one output pixel, `at` bytes into the rows; `place` is the window's
 * first row. */
EK_INLINE void ek_depthwise_mve_block(const ek_depthwise_conv_2d_s8_mve_params *p,
                                      const int8_t *rows, int32_t place, int32_t at,
                                      const int8_t *w, const int32_t *bias,
                                      const int32_t *multiplier, const int8_t *shift,
                                      int32_t count, int8_t *out)
{
    const ek_mve_output_t by = {p->output_offset, p->output_min, p->output_max, p->small};
#if EK_HAS_MVE
    if (p->small && count <= EK_MVE_FEW) {
        for (int32_t c = 0; c < count; c += 4)
            ek_depthwise_mve_lanes(p, rows, place, at + c, w + c, bias + c, multiplier + c,
                                   shift + c, count - c < 4 ? count - c : 4, out + c);
        return;
    }
    if (p->small) {
        ek_mve_sixteen_t s = {{vldrwq_s32(bias), vldrwq_s32(bias + 4), vldrwq_s32(bias + 8),
                               vldrwq_s32(bias + 12)}};
        if (p->pairs && p->kernel_h == 3 && p->kernel_w == 3)
            s = ek_depthwise_mve_3x3(p, s, ek_depthwise_mve_at(p, rows, place, 0) + at,
                                     ek_depthwise_mve_at(p, rows, place, 1) + at,
                                     ek_depthwise_mve_at(p, rows, place, 2) + at, w);
        else
            for (int32_t ky = 0; ky < p->kernel_h; ky++)
                s = ek_depthwise_mve_row_sums(p, s, ek_depthwise_mve_at(p, rows, place, ky) + at,
                                              w + ky * p->kernel_w * 16);
        ek_mve_store_sixteen(by, s, multiplier, shift, count, out);
        return;
    }
#endif
    for (int32_t c = 0; c < count; c++) {
        const int32_t order = count <= EK_MVE_FEW ? c : EK_MVE_ORDER(c);
        int32_t sum = bias[order];
        for (int32_t ky = 0; ky < p->kernel_h; ky++) {
            const int8_t *x = ek_depthwise_mve_at(p, rows, place, ky) + at + c;
            for (int32_t kx = 0; kx < p->kernel_w; kx++)
                sum += x[kx * p->dilation_w * p->out_ch] * w[(ky * p->kernel_w + kx) * 16 + c];
        }
        out[c] = ek_requantize_s8(sum, (ek_requantize_t){multiplier[order], shift[order]},
                                  by.offset, by.low, by.high, by.small);
    }
}

EK_INLINE void ek_depthwise_conv_2d_s8_mve(const ek_depthwise_conv_2d_s8_mve_params *p,
                                           const int8_t *in, const int8_t *weights,
                                           const int32_t *bias, const int32_t *multiplier,
                                           const int8_t *shift, int8_t *out, int8_t *scratch)
{
    const int32_t cells = p->kernel_h * p->kernel_w, whole = p->out_ch / 16 * 16;
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const int32_t pitch = p->plane_w * p->out_ch;
    int32_t copied = -p->pad_h; /* rows above this one are there */
    int32_t place = 0;          /* where the next one goes */
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const int32_t end = oy * p->stride_h - p->pad_h + reach_h;
        for (; copied < end; copied++) {
            ek_depthwise_mve_row(p, in, copied, scratch + place * pitch);
            place = place + 1 < reach_h ? place + 1 : 0;
        }
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const int32_t at = ox * p->stride_w * p->out_ch;
            for (int32_t c = 0; c < whole; c += 16)
                ek_depthwise_mve_block(p, scratch, place, at + c, weights + c * cells, bias + c,
                                       multiplier + c, shift + c, 16, out + c);
            if (p->out_ch > whole)
                ek_depthwise_mve_block(p, scratch, place, at + whole, weights + whole * cells,
                                       bias + whole, multiplier + whole, shift + whole,
                                       p->out_ch - whole, out + whole);
            out += p->out_stride;
        }
    }
}

#endif
