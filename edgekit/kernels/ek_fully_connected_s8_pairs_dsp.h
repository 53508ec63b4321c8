/* ek_fully_connected_s8_pairs_dsp: ek_fully_connected_s8 of one or two outputs for cores with SMLAD,
 * whose weights are pairs in flash.
 *
 * Layouts, rounding, requirements and aliasing are those of ek_fully_connected_s8.h, except:
 *
 *   weights  [quads][2][out_ch] uint32: for each four inputs, filled up with zeros, the weights of the
 *            first and third as a pair (ek_dsp.h), of each output, and those of the other two
 *   right    [out_ch] or [1]  int8, what ek_requantize_dsp.h wants; in the place of shift
 *
 * Requires   as there; out_ch is 1 or 2.
 * Scratch    none.  Allocates: never.  Fails: never (ops/variants/dsp.py checks).
 *
 * Twice the flash, for layers where that is little: with so few outputs nothing else shares the work
 * of widening an input.
 */
#ifndef EK_FULLY_CONNECTED_S8_PAIRS_DSP_H
#define EK_FULLY_CONNECTED_S8_PAIRS_DSP_H

#include "ek_dot_dsp.h"
#include "ek_requantize_dsp.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
} ek_fully_connected_s8_pairs_dsp_params;

EK_INLINE void ek_fully_connected_s8_pairs_dsp(const ek_fully_connected_s8_pairs_dsp_params *p,
                                               const int8_t *in, const int32_t *weights,
                                               const int32_t *bias, const int32_t *multiplier,
                                               const int8_t *right, int8_t *out)
{
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const int32_t each = p->per_channel;
    for (int32_t row = 0; row < p->rows; row++) {
        const uint32_t *w = (const uint32_t *)weights;
        if (p->out_ch == 1) {
            const int32_t sum = ek_dsp_dot_alone(bias[0], in, w, p->in_ch);
            out[0] = ek_requantize_dsp_s8(by, sum, multiplier[0], right[0]);
        } else {
            const ek_four_t start = {bias[0], bias[1], 0, 0};
            const ek_four_t sum = ek_dsp_dot_two(start, in, &w, p->in_ch);
            out[0] = ek_requantize_dsp_s8(by, sum.a, multiplier[0], right[0]);
            out[1] = ek_requantize_dsp_s8(by, sum.b, multiplier[each], right[each]);
        }
        in += p->in_ch;
        out += p->out_ch;
    }
}

#endif
