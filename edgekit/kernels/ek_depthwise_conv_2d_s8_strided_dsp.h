/* ek_depthwise_conv_2d_s8_strided_dsp: ek_depthwise_conv_2d_s8 of 3 x 3 with strides for cores with
 * SMLAD.
 *
 * Layouts, rounding and padding are those of ek_depthwise_conv_2d_s8.h, except:
 *
 *   right    [out_ch]  int8, what ek_requantize_dsp.h wants; in the place of shift
 *
 * Requires   as there; a kernel of 3 x 3, not dilated, strides of 2 or more, a depth multiplier of 1,
 *            an image of 3 x 3 or more, out of which no window sticks by more than one cell.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/variants/dsp.py checks).
 *
 * With a stride windows share few cells or none, so that a copy of the image, one channel at a time,
 * costs more than it saves. Where a window sticks out above or below, the rows of weights move by one
 * and leave one of zeros, so that the window lies in the image: what padding adds to a sum is known.
 */
#ifndef EK_DEPTHWISE_CONV_2D_S8_STRIDED_DSP_H
#define EK_DEPTHWISE_CONV_2D_S8_STRIDED_DSP_H

#include "ek_depthwise_3x3_dsp.h"
#include "ek_requantize_dsp.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w;
    int32_t out_stride;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t share_bytes; /* 0, as there is no scratch memory */
} ek_depthwise_conv_2d_s8_strided_dsp_params;

/* Windows of one row of outputs: the first row of the image that they meet, the weights by which, and
 * a sum with what padding adds. */
typedef struct {
    int32_t top;
    ek_depthwise_dsp_3x3_t w;
    int32_t sum;
} ek_strided_row_t;

EK_INLINE ek_strided_row_t ek_strided_row(const ek_depthwise_conv_2d_s8_strided_dsp_params *p,
                                          int32_t top, ek_depthwise_dsp_3x3_t w, int32_t sum)
{
    const uint32_t pad = ek_dsp_pack(p->pad_value, p->pad_value);
    if (p->pad_h > 0 && top < 0) {
        sum = ek_dsp_low_low(pad, w.middle01, ek_dsp_dot(pad, w.outer0, sum));
        const uint32_t middle = ek_dsp_pack(ek_dsp_high(w.middle01), ek_dsp_low(w.middle2));
        return (ek_strided_row_t){0, {w.outer1, w.outer2, 0, middle, 0}, sum};
    }
    if ((p->out_h - 1) * p->stride_h + 3 - p->pad_h > p->in_h && top + 3 > p->in_h) {
        sum = ek_dsp_low_low(pad, w.middle2, ek_dsp_dot(pad, w.outer2, sum));
        return (ek_strided_row_t){
            p->in_h - 3, {0, w.outer0, w.outer1, w.middle01 << 16, w.middle01 >> 16}, sum};
    }
    return (ek_strided_row_t){top, w, sum};
}

/* Adds a window whose first column, its middle one, or its last is at x. */
EK_INLINE int32_t ek_strided_first(const int8_t *x, int32_t pitch, ek_depthwise_dsp_3x3_t w,
                                   int32_t sum)
{
    sum = ek_dsp_low_low((uint32_t)x[0], w.outer0, sum);
    sum = ek_dsp_low_low((uint32_t)x[pitch], w.outer1, sum);
    return ek_dsp_low_low((uint32_t)x[2 * pitch], w.outer2, sum);
}

EK_INLINE int32_t ek_strided_middle(const int8_t *x, int32_t pitch, ek_depthwise_dsp_3x3_t w,
                                    int32_t sum)
{
    sum = ek_dsp_low_low((uint32_t)x[0], w.middle01, sum);
    sum = ek_dsp_low_high((uint32_t)x[pitch], w.middle01, sum);
    return ek_dsp_low_low((uint32_t)x[2 * pitch], w.middle2, sum);
}

EK_INLINE int32_t ek_strided_last(const int8_t *x, int32_t pitch, ek_depthwise_dsp_3x3_t w,
                                  int32_t sum)
{
    sum = ek_dsp_low_high((uint32_t)x[0], w.outer0, sum);
    sum = ek_dsp_low_high((uint32_t)x[pitch], w.outer1, sum);
    return ek_dsp_low_high((uint32_t)x[2 * pitch], w.outer2, sum);
}

/* One channel's outputs of one row; x and out are at its first ones. */
EK_INLINE void ek_strided_outputs(const ek_depthwise_conv_2d_s8_strided_dsp_params *p,
                                  const int8_t *x, ek_strided_row_t row, int32_t multiplier,
                                  int32_t right, int8_t *out)
{
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const uint32_t pad = (uint32_t)p->pad_value;
    const int32_t ch = p->in_ch, pitch = p->in_w * ch;
    const int32_t beyond = (p->out_w - 1) * p->stride_w + 3 - p->pad_w > p->in_w;
    if (p->pad_w > 0) {
        int32_t sum = ek_strided_middle(x, pitch, row.w, row.sum);
        sum = ek_strided_last(x + ch, pitch, row.w, sum);
        sum = ek_dsp_low_low(pad, row.w.outer0, sum);
        sum = ek_dsp_low_low(pad, row.w.outer1, sum);
        sum = ek_dsp_low_low(pad, row.w.outer2, sum);
        *out = ek_requantize_dsp_s8(by, sum, multiplier, right);
    }
    for (int32_t ox = p->pad_w; ox < p->out_w - beyond; ox++) {
        const int8_t *const first = x + (ox * p->stride_w - p->pad_w) * ch;
        int32_t sum = ek_strided_first(first, pitch, row.w, row.sum);
        sum = ek_strided_middle(first + ch, pitch, row.w, sum);
        sum = ek_strided_last(first + 2 * ch, pitch, row.w, sum);
        out[ox * p->out_stride] = ek_requantize_dsp_s8(by, sum, multiplier, right);
    }
    if (beyond) {
        x += (p->in_w - 2) * ch;
        int32_t sum = ek_strided_first(x, pitch, row.w, row.sum);
        sum = ek_strided_middle(x + ch, pitch, row.w, sum);
        sum = ek_dsp_low_high(pad, row.w.outer0, sum);
        sum = ek_dsp_low_high(pad, row.w.outer1, sum);
        sum = ek_dsp_low_high(pad, row.w.outer2, sum);
        out[(p->out_w - 1) * p->out_stride] =
            ek_requantize_dsp_s8(by, sum, multiplier, right);
    }
}

/* Share `share` of `shares`: some of the channels. */
EK_INLINE void ek_depthwise_conv_2d_s8_strided_dsp_share(
    const ek_depthwise_conv_2d_s8_strided_dsp_params *p, const int8_t *in, const int8_t *weights,
    const int32_t *bias, const int32_t *multiplier, const int8_t *right, int8_t *out,
    const void *scratch, int32_t share, int32_t shares)
{
    const int32_t first = share * p->in_ch / shares, end = (share + 1) * p->in_ch / shares;
    (void)scratch;
    for (int32_t c = first; c < end; c++) {
        const ek_depthwise_dsp_3x3_t w = ek_depthwise_dsp_3x3(weights + 9 * c);
        for (int32_t oy = 0; oy < p->out_h; oy++) {
            const int32_t top = oy * p->stride_h - p->pad_h;
            const ek_strided_row_t row = ek_strided_row(p, top, w, bias[c]);
            ek_strided_outputs(p, in + row.top * p->in_w * p->in_ch + c, row, multiplier[c],
                               right[c], out + oy * p->out_w * p->out_stride + c);
        }
    }
}

EK_INLINE void ek_depthwise_conv_2d_s8_strided_dsp(
    const ek_depthwise_conv_2d_s8_strided_dsp_params *p, const int8_t *in, const int8_t *weights,
    const int32_t *bias, const int32_t *multiplier, const int8_t *right, int8_t *out,
    const void *scratch)
{
    ek_depthwise_conv_2d_s8_strided_dsp_share(p, in, weights, bias, multiplier, right, out, scratch,
                                              0, 1);
}

#endif
