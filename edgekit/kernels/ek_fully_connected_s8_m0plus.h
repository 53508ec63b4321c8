/* ek_fully_connected_s8_m0plus: ek_fully_connected_s8 for Armv6-M and Armv7-M, whose weights are met
 * once.
 *
 * Layouts, rounding, requirements and aliasing are those of ek_fully_connected_s8.h, except:
 *
 *   weights     for each four outputs, then for two that are left: ek_lanes_dense_m0plus.h, inputs
 *               filled up to a multiple of 4 with zeros; for one that is left [in_ch] int8, filled
 *               up too. If `rests`, words behind them for each four or two outputs: how many rests,
 *               then each, input + 2^16 * output + 2^24 * value: what is to be added to that weight
 *               of that of the four or two outputs.
 *   bias        sides 1, 2: [out_ch][5 or 7] factors of ek_sweep_m0plus.h; else as there
 *   multiplier, shift  sides 1, 2: null; else as there
 *
 * Requires    what ek_lanes_dense_m0plus.h wants of each run.
 * Scratch     at a multiple of 4 bytes, where out_ch > 1: a row of the input as runs.
 *             Allocates: never.  Fails: never (ops/variants/m0plus.py checks).
 */
#ifndef EK_FULLY_CONNECTED_S8_M0PLUS_H
#define EK_FULLY_CONNECTED_S8_M0PLUS_H

#include "ek_lanes_dense_m0plus.h"
#include "ek_requantize.h"
#include "ek_sweep_m0plus.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t run;         /* inputs: 4 or 2 */
    int32_t rests;       /* 0 or 1 */
    int32_t sides;       /* of the lines that `bias` has factors of, 1 or 2; 0: it has none */
    int32_t share_bytes; /* of scratch memory, for each core; 0: there is one */
} ek_fully_connected_s8_m0plus_params;

/* One row on its way. */
typedef struct {
    const ek_fully_connected_s8_m0plus_params *p;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    const int8_t *in;
    const uint32_t *x, *x_end; /* the row as runs */
    const uint32_t *rests;     /* of the next outputs */
    int8_t *out;
} ek_dense_row_t;

/* Output c, from its sum without bias. */
EK_INLINE void ek_dense_output(const ek_dense_row_t *row, int32_t c, int32_t sum)
{
    const ek_fully_connected_s8_m0plus_params *const p = row->p;
    if (p->sides == 1) {
        row->out[c] = ek_shorten(sum, (const uint32_t *)row->bias + EK_FACTORS * c);
    } else if (p->sides == 2) {
        row->out[c] = ek_shorten_bent(sum, (const uint32_t *)row->bias + EK_BENT_FACTORS * c);
    } else {
        const int32_t place = p->per_channel * c;
        const ek_requantize_t by = {row->multiplier[place], row->shift[place]};
        row->out[c] = ek_requantize_s8(sum + row->bias[c], by, p->output_offset, p->output_min,
                                       p->output_max, p->small);
    }
}

/* The sums of two outputs out of those of words with two lanes. */
EK_INLINE void ek_dense_lanes(const ek_dense_row_t *row, uint32_t word, uint32_t upper,
                              int32_t *sums)
{
    const int32_t run = row->p->run, runs = (row->p->in_ch + 3) / 4 * (4 / run);
    sums[0] = (int32_t)(word - (upper << 16) - EK_DENSE_START * (uint32_t)runs);
    sums[1] = (int32_t)upper;
}

/* What the weights of the next outputs leave out. */
EK_INLINE void ek_dense_add_rests(ek_dense_row_t *row, int32_t *sums)
{
    const uint32_t *const end = row->rests + 1 + row->rests[0];
    for (const uint32_t *rest = row->rests + 1; rest != end; rest++)
        sums[*rest >> 16 & 3] += row->in[*rest & 0xFFFFu] * ((int32_t)*rest >> 24);
    row->rests = end;
}

/* Four or two outputs from c on. */
EK_INLINE void ek_dense_outputs(ek_dense_row_t *row, int32_t outputs, int32_t c,
                                const int8_t *weights)
{
    uint32_t found[4];
    int32_t sums[4];
    if (outputs == 4 && row->p->run == 4)
        ek_dense_four_by_4(weights, row->x, row->x_end, found);
    else if (outputs == 4)
        ek_dense_four_by_2(weights, row->x, row->x_end, found);
    else if (row->p->run == 4)
        ek_dense_two_by_4(weights, row->x, row->x_end, found);
    else
        ek_dense_two_by_2(weights, row->x, row->x_end, found);
    ek_dense_lanes(row, found[0], found[outputs / 2], sums);
    if (outputs == 4)
        ek_dense_lanes(row, found[1], found[3], sums + 2);
    if (row->p->rests)
        ek_dense_add_rests(row, sums);
    ek_dense_output(row, c, sums[0]);
    ek_dense_output(row, c + 1, sums[1]);
    if (outputs == 4) {
        ek_dense_output(row, c + 2, sums[2]);
        ek_dense_output(row, c + 3, sums[3]);
    }
}

/* Where the rests are that come after so many blocks of four outputs. */
EK_INLINE const uint32_t *ek_dense_rests(const ek_fully_connected_s8_m0plus_params *p,
                                         const int8_t *weights, int32_t blocks)
{
    const int32_t filled = (p->in_ch + 3) / 4 * 4;
    const uint32_t *found = (const uint32_t *)(const void *)(weights + filled * p->out_ch);
    if (p->rests)
        for (int32_t i = 0; i < blocks; i++)
            found += 1 + found[0];
    return found;
}

/* Share `share` of `shares`: some of the outputs of each row, whole fours but for the last. */
EK_INLINE void ek_fully_connected_s8_m0plus_share(const ek_fully_connected_s8_m0plus_params *p,
                                                  const int8_t *in, const int8_t *weights,
                                                  const int32_t *bias, const int32_t *multiplier,
                                                  const int8_t *shift, int8_t *out, void *scratch,
                                                  int32_t share, int32_t shares)
{
    const int32_t fours = p->out_ch / 4, filled = (p->in_ch + 3) / 4 * 4;
    /* Of one or two: without the division that Armv6-M lacks. */
    const int32_t first = share * (fours / 2), end = share + 1 == shares ? fours : fours / 2;
    /* A lone output takes the row as it is: there is no scratch memory. */
    uint32_t *const x = p->out_ch > 1 ? (uint32_t *)scratch + share * p->share_bytes / 4 : 0;
    const uint32_t *const x_end = p->out_ch > 1 ? x + filled + 2 * filled / p->run : 0;
    for (int32_t i = 0; i < p->rows; i++) {
        ek_dense_row_t row = {p, bias, multiplier, shift, in + i * p->in_ch, x, x_end,
                              ek_dense_rests(p, weights, first), out + i * p->out_ch};
        if (p->out_ch > 1)
            ek_dense_prepare(row.in, p->in_ch, p->run, x);
        for (int32_t c = first; c < end; c++)
            ek_dense_outputs(&row, 4, 4 * c, weights + 4 * filled * c);
        if (share + 1 == shares && p->out_ch % 4 / 2)
            ek_dense_outputs(&row, 2, 4 * fours, weights + 4 * filled * fours);
        if (share + 1 == shares && p->out_ch % 2)
            ek_dense_output(&row, p->out_ch - 1,
                            ek_dense_one(row.in, weights + filled * (p->out_ch - 1), p->in_ch));
    }
}

EK_INLINE void ek_fully_connected_s8_m0plus(const ek_fully_connected_s8_m0plus_params *p,
                                            const int8_t *in, const int8_t *weights,
                                            const int32_t *bias, const int32_t *multiplier,
                                            const int8_t *shift, int8_t *out, void *scratch)
{
    ek_fully_connected_s8_m0plus_share(p, in, weights, bias, multiplier, shift, out, scratch, 0, 1);
}

#endif
