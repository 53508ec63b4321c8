/* ek_fully_connected_s8_m0plus: ek_fully_connected_s8 for Armv6-M and Armv7-M, whose weights are met
 * once.
 *
 * Layouts, rounding, requirements and aliasing are those of ek_fully_connected_s8.h, except:
 *
 *   weights     for each four outputs: ek_dense_m0plus.h, pieces of a row one behind the other. For
 *               two that are left, then one: if `halved` (one output: `wide`) as there, else [in_ch]
 *               int8 for each; for two, if `paired`, as there. All inputs are filled up to a
 *               multiple of 4 with zeros.
 *   bias        sides 1, 2: [out_ch][5 or 7] factors of ek_sweep_m0plus.h; else as there
 *   multiplier, shift  sides 1, 2: null; else as there
 *
 * Requires    what ek_dense_m0plus.h wants; piece is at least 4.
 * Scratch     at a multiple of 4 bytes, where `unpacked`: x of ek_dense_m0plus.h, for each share.
 *             Allocates: never.  Fails: never (ops/variants/m0plus.py checks).
 */
#ifndef EK_FULLY_CONNECTED_S8_M0PLUS_H
#define EK_FULLY_CONNECTED_S8_M0PLUS_H

#include "ek_dense_fours_m0plus.h"
#include "ek_dot_s8.h"
#include "ek_requantize.h"
#include "ek_sweep_m0plus.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t piece;        /* of a row: inputs */
    int32_t halved, wide; /* 0 or 1: how one or two outputs that are left have their weights */
    int32_t paired;       /* 0 or 1; 1 only where inputs are unpacked, in one piece */
    int32_t unpacked;     /* 0 or 1: there is memory for it */
    int32_t sides;        /* of the lines that `bias` has factors of, 1 or 2; 0: it has none */
    int32_t share_bytes;  /* of scratch memory, for each core; 0: there is one */
} ek_fully_connected_s8_m0plus_params;

/* One row on its way. */
typedef struct {
    const ek_fully_connected_s8_m0plus_params *p;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    const int8_t *in;
    const uint32_t *x; /* the row in pieces; null: as it is, and p->piece is not less than in_ch */
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

/* The sums of four outputs, from x. */
EK_INLINE void ek_dense_four_by_pieces(const ek_dense_row_t *row, const int8_t *weights,
                                       int32_t *sums)
{
    const int32_t filled = (row->p->in_ch + 3) / 4 * 4, piece = row->p->piece;
    const uint32_t *x = row->x + 1 + (filled < piece ? filled : piece);
    ek_dense_four(weights, row->x, x, sums);
    for (int32_t i = piece; i < filled; i += piece) {
        const uint32_t *const end = x + 1 + (filled - i < piece ? filled - i : piece);
        int32_t more[4];
        ek_dense_four(weights + 4 * i, x, end, more);
        for (int32_t c = 0; c < 4; c++)
            sums[c] += more[c];
        x = end;
    }
}

/* Four outputs from c on. */
EK_INLINE void ek_dense_four_outputs(const ek_dense_row_t *row, int32_t c, const int8_t *weights)
{
    int32_t sums[4];
    if (row->x)
        ek_dense_four_by_pieces(row, weights, sums);
    else
        ek_dense_four_alone(row->in, weights, row->p->in_ch, sums);
    for (int32_t i = 0; i < 4; i++)
        ek_dense_output(row, c + i, sums[i]);
}

/* Fours of outputs. */
EK_INLINE void ek_dense_some_fours(const ek_dense_row_t *row, int32_t first, int32_t end,
                                   const int8_t *weights)
{
    const ek_fully_connected_s8_m0plus_params *const p = row->p;
    const int32_t filled = (p->in_ch + 3) / 4 * 4;
#if defined(__ARM_ARCH_6M__)
    if (row->x && p->sides && p->piece >= p->in_ch) {
        const int32_t each = p->sides == 2 ? EK_BENT_FACTORS : EK_FACTORS;
        const ek_dense_fours_t fours = {row->x + 1 + filled,
                                        weights + 4 * filled * first,
                                        row->x,
                                        (const uint32_t *)row->bias + 4 * each * first,
                                        row->out + 4 * first,
                                        row->out + 4 * end};
        (p->sides == 2 ? ek_dense_fours_bent_s8 : ek_dense_fours_s8)(&fours);
        return;
    }
#endif
    for (int32_t c = first; c < end; c++)
        ek_dense_four_outputs(row, 4 * c, weights + 4 * filled * c);
}

/* One or two outputs from c on. */
EK_INLINE void ek_dense_last_outputs(const ek_dense_row_t *row, int32_t outputs, int32_t c,
                                     const int8_t *weights)
{
    const int32_t filled = (row->p->in_ch + 3) / 4 * 4;
    int32_t sums[2];
    if (outputs == 2 && row->p->paired) {
        ek_dense_two_of_pairs(weights, row->x, row->x + 1 + filled, sums);
    } else if (row->p->halved) {
        ek_dense_few(row->in, weights, row->p->in_ch, outputs, outputs == 1 && row->p->wide, sums);
    } else {
        const ek_pair_t none = {0, 0};
        const ek_pair_t found =
            ek_dot_pair_s8(none, row->in, weights, (outputs - 1) * filled, row->p->in_ch);
        sums[0] = found.first;
        sums[1] = found.second;
    }
    for (int32_t i = 0; i < outputs; i++)
        ek_dense_output(row, c + i, sums[i]);
}

/* All outputs of a row that have no three others beside them. */
EK_INLINE void ek_dense_rest_of_row(const ek_dense_row_t *row, const int8_t *weights)
{
    const int32_t out_ch = row->p->out_ch, filled = (row->p->in_ch + 3) / 4 * 4;
    const int32_t fours = out_ch / 4 * 4, starts = row->p->halved && !row->p->paired ? 8 : 0;
    if (out_ch % 4 / 2)
        ek_dense_last_outputs(row, 2, fours, weights + filled * fours);
    if (out_ch % 2)
        ek_dense_last_outputs(row, 1, out_ch - 1,
                              weights + filled * (out_ch - 1) + (out_ch % 4 / 2) * starts);
}

/* Share `share` of `shares`: some of the outputs of each row, whole fours but for the last. */
EK_INLINE void ek_fully_connected_s8_m0plus_share(const ek_fully_connected_s8_m0plus_params *p,
                                                  const int8_t *in, const int8_t *weights,
                                                  const int32_t *bias, const int32_t *multiplier,
                                                  const int8_t *shift, int8_t *out, void *scratch,
                                                  int32_t share, int32_t shares)
{
    const int32_t fours = p->out_ch / 4;
    /* Of one or two: without the division that Armv6-M lacks. */
    const int32_t half = (fours + 1) / 2;
    const int32_t first = share * half, end = share + 1 == shares ? fours : half;
    /* Four outputs alone take inputs where they lie: to unpack them would cost more. */
    const int32_t alone = p->piece >= p->in_ch && fours < 4 && end - first < 2 &&
                          !(p->paired && share + 1 == shares);
    uint32_t *const x =
        p->unpacked && !alone ? (uint32_t *)scratch + share * p->share_bytes / 4 : 0;
    for (int32_t i = 0; i < p->rows; i++) {
        const ek_dense_row_t row = {p, bias, multiplier, shift, in + i * p->in_ch, x,
                                    out + i * p->out_ch};
        if (x && first < end)
            ek_dense_prepare(row.in, p->in_ch, p->piece, x);
        if (first < end)
            ek_dense_some_fours(&row, first, end, weights);
        if (share + 1 == shares)
            ek_dense_rest_of_row(&row, weights);
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
