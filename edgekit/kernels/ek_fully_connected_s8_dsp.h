/* ek_fully_connected_s8_dsp: ek_fully_connected_s8 for cores with SMLAD, where weights are no twins: the
 * exception, for layers with a weight of -128 above a negative one (ek_fully_connected_s8_twins_dsp.h).
 *
 * Layouts, rounding, requirements and aliasing are those of ek_fully_connected_s8.h, except:
 *
 *   right    [out_ch] or [1]  int8, what ek_requantize_dsp.h wants; in the place of shift
 *
 * Scratch    at a multiple of 4 bytes: a row of the input as pairs (ek_dsp.h), 8 bytes for each four
 *            inputs begun.  Allocates: never.  Fails: never (ops/variants/dsp.py checks).
 *
 * Each weight is met once, so it is widened where it is met; four outputs share the inputs.
 */
#ifndef EK_FULLY_CONNECTED_S8_DSP_H
#define EK_FULLY_CONNECTED_S8_DSP_H

#include "ek_dot_dsp.h"
#include "ek_requantize_dsp.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t share_bytes; /* of scratch memory, for each core; 0: there is one */
} ek_fully_connected_s8_dsp_params;

EK_INLINE int32_t ek_fully_dsp_add(int32_t sum, const uint32_t *x, uint32_t word)
{
    return ek_dsp_dot(x[1], ek_dsp_odd(word), ek_dsp_dot(x[0], ek_dsp_even(word), sum));
}

EK_INLINE ek_four_t ek_fully_dsp_four(const uint32_t *x, const int8_t *w, int32_t size,
                                      const int32_t *bias)
{
    ek_four_t sum = {bias[0], bias[1], bias[2], bias[3]};
    for (int32_t i = 0; i < size / 4; i++) {
        sum.a = ek_fully_dsp_add(sum.a, x, ek_dsp_load(w));
        sum.b = ek_fully_dsp_add(sum.b, x, ek_dsp_load(w + size));
        sum.c = ek_fully_dsp_add(sum.c, x, ek_dsp_load(w + 2 * size));
        sum.d = ek_fully_dsp_add(sum.d, x, ek_dsp_load(w + 3 * size));
        x += 2;
        w += 4;
    }
    if (size % 4) {
        sum.a = ek_fully_dsp_add(sum.a, x, ek_dsp_load_rest(w, size % 4));
        sum.b = ek_fully_dsp_add(sum.b, x, ek_dsp_load_rest(w + size, size % 4));
        sum.c = ek_fully_dsp_add(sum.c, x, ek_dsp_load_rest(w + 2 * size, size % 4));
        sum.d = ek_fully_dsp_add(sum.d, x, ek_dsp_load_rest(w + 3 * size, size % 4));
    }
    return sum;
}

EK_INLINE int32_t ek_fully_dsp_one(const uint32_t *x, const int8_t *w, int32_t size, int32_t sum)
{
    for (int32_t i = 0; i < size / 4; i++)
        sum = ek_fully_dsp_add(sum, x + 2 * i, ek_dsp_load(w + 4 * i));
    if (size % 4)
        sum = ek_fully_dsp_add(sum, x + size / 4 * 2, ek_dsp_load_rest(w + size / 4 * 4, size % 4));
    return sum;
}

/* Share `share` of `shares`: some of the outputs of each row, whole fours but for the last. */
EK_INLINE void ek_fully_connected_s8_dsp_share(const ek_fully_connected_s8_dsp_params *p,
                                               const int8_t *in, const int8_t *weights,
                                               const int32_t *bias, const int32_t *multiplier,
                                               const int8_t *right, int8_t *out, void *scratch,
                                               int32_t share, int32_t shares)
{
    const int32_t fours = p->out_ch / 4;
    const int32_t first = share * fours / shares * 4;
    const int32_t end = share + 1 == shares ? p->out_ch : (share + 1) * fours / shares * 4;
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const int32_t size = p->in_ch, each = p->per_channel;
    uint32_t *const x = (uint32_t *)scratch + share * p->share_bytes / 4;
    for (int32_t row = 0; row < p->rows; row++) {
        uint32_t *rest = ek_dsp_widen(in, size / 4, x);
        if (size % 4)
            ek_dsp_widen_word(ek_dsp_load_rest(in + size / 4 * 4, size % 4), rest);
        int32_t c = first;
        for (; c + 4 <= end; c += 4) {
            const ek_four_t sum = ek_fully_dsp_four(x, weights + c * size, size, bias + c);
            const int32_t *m = multiplier + each * c;
            const int8_t *r = right + each * c;
            out[c] = ek_requantize_dsp_s8(by, sum.a, m[0], r[0]);
            out[c + 1] = ek_requantize_dsp_s8(by, sum.b, m[each], r[each]);
            out[c + 2] = ek_requantize_dsp_s8(by, sum.c, m[2 * each], r[2 * each]);
            out[c + 3] = ek_requantize_dsp_s8(by, sum.d, m[3 * each], r[3 * each]);
        }
        for (; c < end; c++)
            out[c] = ek_requantize_dsp_s8(
                by, ek_fully_dsp_one(x, weights + c * size, size, bias[c]),
                multiplier[each * c], right[each * c]);
        in += size;
        out += p->out_ch;
    }
}

EK_INLINE void ek_fully_connected_s8_dsp(const ek_fully_connected_s8_dsp_params *p,
                                         const int8_t *in, const int8_t *weights,
                                         const int32_t *bias, const int32_t *multiplier,
                                         const int8_t *right, int8_t *out, void *scratch)
{
    ek_fully_connected_s8_dsp_share(p, in, weights, bias, multiplier, right, out, scratch, 0, 1);
}

#endif
