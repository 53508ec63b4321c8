/* ek_fully_connected_s8_mve: ek_fully_connected_s8 for cores with the M-profile vector extension.
 *
 * Layouts, rounding, requirements and aliasing are those of ek_fully_connected_s8.h, except:
 *
 *   weights  for each eight outputs, the last ones perhaps only 5 to 7 and zeros, and for the 1 to 4
 *            that are left. Values of eight outputs are two fours, the even and the odd ones, but for
 *            those of "outputs":
 *
 *              bias        [outputs: 8 or 4] int32
 *              weights     [vectors][outputs: 8, or as many as are left][16] int8; the last vector is
 *                          of the 16 inputs before the end, zero where the one before has them too,
 *                          or behind fewer than 16
 *              weights     [singles][fours][4] int8
 *              multiplier  [fours][4] int32, shift [fours][4] int8, if per_channel
 *
 *   bias, multiplier and shift  no arguments
 *
 * Alignment  weights at a multiple of 4 bytes.
 * Scratch    none.  Allocates: never.  Fails: never (ops/variants/mve.py checks).
 */
#ifndef EK_FULLY_CONNECTED_S8_MVE_H
#define EK_FULLY_CONNECTED_S8_MVE_H

#include "ek_dot_eight_mve.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t multiplier, shift; /* of all channels, if not */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t singles; /* last inputs that meet the weights of four outputs at a time, 0 to 3 */
} ek_fully_connected_s8_mve_params;

/* Adds to four sums what the single inputs x make of weights that lie so far apart. */
EK_INLINE ek_mve_sums_t ek_fully_mve_singles(ek_mve_sums_t sums, const int8_t *x, int32_t singles,
                                             const int8_t *w, int32_t apart)
{
    for (int32_t i = 0; i < singles; i++, w += apart) {
#if EK_HAS_MVE
        sums = vmlaq_n_s32(sums, vldrbq_s32(w), x[i]);
#else
        for (int32_t k = 0; k < 4; k++)
            sums.lane[k] += x[i] * w[k];
#endif
    }
    return sums;
}

#if EK_HAS_MVE
/* Without offset and clamp, by the short path; `factors` are the multiplier and the shift of four
 * channels. With one factor for all, VQRDMLAH moves negative values by one while it multiplies. */
EK_INLINE int32x4_t ek_fully_mve_scaled(const ek_fully_connected_s8_mve_params *p, int32x4_t sums,
                                        const int8_t *multiplier, const int8_t *shift)
{
    const ek_mve_output_t by = {p->output_offset, p->output_min, p->output_max, p->small};
    if (p->per_channel)
        return ek_mve_scaled(by, sums, vldrwq_s32((const int32_t *)(const void *)multiplier),
                             vldrbq_s32(shift));
    if (by.low < by.offset)
        sums = vqrdmlahq_n_s32(vshrq_n_s32(sums, 31), sums, p->multiplier);
    else
        sums = vqrdmulhq_n_s32(sums, p->multiplier);
    return vrshlq_n_s32(sums, p->shift);
}

/* Lanes narrowed side by side, even ones below odd ones, are in the order of the outputs. */
EK_INLINE void ek_fully_mve_store_lanes(const ek_fully_connected_s8_mve_params *p,
                                        ek_mve_eight_t sum, const int8_t *factors, int32_t fours,
                                        int32_t count, int8_t *out)
{
    const int8_t *const shift = factors + fours * 16;
    const int32x4_t even = ek_fully_mve_scaled(p, sum.even, factors, shift);
    int16x8_t both = vqmovnbq_s32(vreinterpretq_s16_s32(even), even);
    if (fours == 2)
        both = vqmovntq_s32(both, ek_fully_mve_scaled(p, sum.odd, factors + 16, shift + 4));
    both = vqaddq_n_s16(both, (int16_t)p->output_offset);
    if (p->output_min == INT8_MIN && p->output_max == INT8_MAX)
        both = vreinterpretq_s16_s8(vqmovnbq_s16(vreinterpretq_s8_s16(both), both));
    else
        both = vminq_s16(vmaxq_s16(both, vdupq_n_s16((int16_t)p->output_min)),
                         vdupq_n_s16((int16_t)p->output_max));
    if (fours == 2 && count == EK_MVE_EIGHT)
        vstrbq_s16(out, both);
    else if (fours == 2)
        vstrbq_p_s16(out, both, vctp16q((uint32_t)count));
    else if (count == 1)
        *out = (int8_t)vgetq_lane_s16(both, 0);
    else if (count == 4)
        vstrbq_s32(out, vreinterpretq_s32_s16(both));
    else
        vstrbq_p_s32(out, vreinterpretq_s32_s16(both), vctp32q((uint32_t)count));
}
#endif

/* Stores `count` outputs, or all of `fours` if it is more; gives what lies behind their factors. */
EK_INLINE const int8_t *ek_fully_mve_store(const ek_fully_connected_s8_mve_params *p,
                                           ek_mve_eight_t sum, const int8_t *factors,
                                           int32_t fours, int32_t count, int8_t *out)
{
    const int8_t *const behind = factors + p->per_channel * fours * 20;
#if EK_HAS_MVE
    if (p->small) {
        ek_fully_mve_store_lanes(p, sum, factors, fours, count, out);
        return behind;
    }
#endif
    int32_t sums[EK_MVE_EIGHT];
    __builtin_memcpy(sums, &sum, sizeof sums);
    for (int32_t i = 0; i < count && i < 4 * fours; i++) {
        const int32_t lane = fours == 2 ? i % 2 * 4 + i / 2 : i;
        ek_requantize_t by = {p->multiplier, p->shift};
        if (p->per_channel) {
            __builtin_memcpy(&by.multiplier, factors + 4 * lane, 4);
            by.shift = factors[16 * fours + lane];
        }
        out[i] = ek_requantize_s8(sums[lane], by, p->output_offset, p->output_min, p->output_max,
                                  p->small);
    }
    return behind;
}

/* One row: eight outputs at a time, and those that are left. */
EK_INLINE void ek_fully_mve_row(const ek_fully_connected_s8_mve_params *p, const int8_t *in,
                                const int8_t *w, int8_t *out)
{
    const int32_t end = p->in_ch - p->singles, before = (end - 1) / EK_MVE_BYTES;
    const int32_t few = p->out_ch % EK_MVE_EIGHT < 5 ? p->out_ch % EK_MVE_EIGHT : 0;
    const ek_mve_vector_t last = before ? ek_mve_vector(in + end - EK_MVE_BYTES, EK_MVE_BYTES)
                                        : ek_mve_vector(in, end);
    const int8_t *const x = in + end;
    const int32_t filled = p->out_ch % EK_MVE_EIGHT == few; /* all eights are */
    ek_mve_eight_t sum;
    EK_MVE_ROLLED
    for (int32_t left = p->out_ch - few; left > 0; left -= EK_MVE_EIGHT, out += EK_MVE_EIGHT) {
        w = ek_mve_dot_eight(in, before, last, w, &sum);
        sum.even = ek_fully_mve_singles(sum.even, x, p->singles, w, EK_MVE_EIGHT);
        sum.odd = ek_fully_mve_singles(sum.odd, x, p->singles, w + 4, EK_MVE_EIGHT);
        w = ek_fully_mve_store(p, sum, w + EK_MVE_EIGHT * p->singles, 2,
                               filled ? EK_MVE_EIGHT : left, out);
    }
    if (few) {
        w = ek_mve_dot_few(in, before, last, w, few, &sum);
        sum.even = ek_fully_mve_singles(sum.even, x, p->singles, w, 4);
        ek_fully_mve_store(p, sum, w + 4 * p->singles, 1, few, out);
    }
}

EK_INLINE void ek_fully_connected_s8_mve(const ek_fully_connected_s8_mve_params *p,
                                         const int8_t *in, const int8_t *weights, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++)
        ek_fully_mve_row(p, in + row * p->in_ch, weights, out + row * p->out_ch);
}

#endif
