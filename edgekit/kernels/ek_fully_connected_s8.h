/* ek_fully_connected_s8: a matrix of weights times each row of the input.
 *
 *   in       [rows][in_ch]      int8
 *   weights  [out_ch][in_ch]    int8, zero point 0
 *   bias     [out_ch]           int32, with -in_zero_point * sum(weights) folded in
 *   multiplier, shift           int32 in Q31, int8: [out_ch] if per_channel, else [1]
 *   out      [rows][out_ch]     int8
 *
 * Rounding   ek_requantize.h.
 * Requires   256 * sum(|weights|) + |bias| < 2^31 for each channel, so no sum overflows;
 *            small only when that is < 2^29 and every shift is in -31..-1.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/fully_connected.py checks).
 */
#ifndef EK_FULLY_CONNECTED_S8_H
#define EK_FULLY_CONNECTED_S8_H

#include "ek_dot_s8.h"
#include "ek_requantize.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_fully_connected_s8_params;

EK_INLINE void ek_fully_connected_s8(const ek_fully_connected_s8_params *p, const int8_t *in,
                                     const int8_t *weights, const int32_t *bias,
                                     const int32_t *multiplier, const int8_t *shift, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t c = 0; c < p->out_ch; c += 2) {
            /* A last channel that is alone is its own partner. */
            const int32_t d = c + 1 < p->out_ch ? c + 1 : c;
            const ek_requantize_t first = {multiplier[c * p->per_channel],
                                           shift[c * p->per_channel]};
            const ek_requantize_t second = {multiplier[d * p->per_channel],
                                            shift[d * p->per_channel]};
            ek_pair_t sum = {bias[c], bias[d]};
            sum = ek_dot_pair_s8(sum, in, weights + c * p->in_ch, (d - c) * p->in_ch, p->in_ch);
            out[c] = ek_requantize_s8(sum.first, first, p->output_offset, p->output_min,
                                      p->output_max, p->small);
            out[d] = ek_requantize_s8(sum.second, second, p->output_offset, p->output_min,
                                      p->output_max, p->small);
        }
        in += p->in_ch;
        out += p->out_ch;
    }
}

#endif
