/* ek_softmax_s8: exp(x) / sum(exp(x)) along the last axis.
 *
 *   in            [rows][depth]   int8
 *   exponentials  [entries]       int32, Q31: exp of d input steps below the largest; 0 from
 *                                 `entries` on
 *   out           [rows][depth]   int8, scale 1/256, zero point -128
 *
 * Rounding   as the TFLite reference kernel: each exponential is cut to Q12.19 for the sum, whose
 *            reciprocal is found by three steps of Newton's method; ties away from zero.
 *            A share of less than half a step is 0; so it is where the sum is 2^9 or more, for which
 *            TFLite shifts by 32, which C leaves undefined.
 * Requires   1 <= depth <= 4095, so that the sum fits in Q12.19; entries >= 1.
 * Aliasing   out may be in; otherwise they must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/softmax.py checks).
 */
#ifndef EK_SOFTMAX_S8_H
#define EK_SOFTMAX_S8_H

#include "ek_requantize.h"

#define EK_SOFTMAX_SUM_BITS 12 /* integer bits of the sum */

typedef struct {
    int32_t rows, depth, entries;
} ek_softmax_s8_params;

EK_INLINE int32_t ek_softmax_s8_largest(const int8_t *in, int32_t depth)
{
    int32_t largest = in[0];
    for (int32_t i = 1; i < depth; i++)
        largest = in[i] > largest ? in[i] : largest;
    return largest;
}

EK_INLINE int32_t ek_softmax_s8_exp(const int32_t *exponentials, int32_t entries, int32_t below)
{
    return below < entries ? exponentials[below] : 0;
}

/* 1 / (1 + x) in Q31 for x in Q31, 0 <= x < 1. */
EK_INLINE int32_t ek_softmax_s8_one_over_one_plus(int32_t x)
{
    /* Half of 1 + x, and from here on 1 is 2^29. The start is 48/17 - 32/17 * half. */
    const int32_t half = (int32_t)(((uint32_t)x + 0x80000000u) >> 1);
    int32_t y = 1515870810 + ek_high_multiply(half, -1010580540);
    for (int step = 0; step < 3; step++) {
        const int32_t error = (1 << 29) - ek_high_multiply(half, y);
        y += ek_high_multiply(y, error) * 4;
    }
    return y > INT32_MAX / 2 ? INT32_MAX : y * 2;
}

EK_INLINE void ek_softmax_s8(const ek_softmax_s8_params *p, const int8_t *in,
                             const int32_t *exponentials, int8_t *out)
{
    for (int32_t row = 0; row < p->rows; row++, in += p->depth, out += p->depth) {
        const int32_t largest = ek_softmax_s8_largest(in, p->depth);
        uint32_t sum = 0;
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t e = ek_softmax_s8_exp(exponentials, p->entries, largest - in[i]);
            sum += (uint32_t)ek_round_shift(e, EK_SOFTMAX_SUM_BITS);
        }
        /* sum = 2^integer_bits * (1 + x), 2^19 standing for 1; it is at least 2^19. */
        int32_t integer_bits = EK_SOFTMAX_SUM_BITS;
        while (!(sum & 0x80000000u)) {
            sum <<= 1;
            integer_bits--;
        }
        const int32_t shift = integer_bits + 31 - 8; /* from Q31 to steps of 1/256 */
        const int32_t scale = ek_softmax_s8_one_over_one_plus((int32_t)(sum - 0x80000000u));
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t e = ek_softmax_s8_exp(exponentials, p->entries, largest - in[i]);
            const int32_t share =
                shift > 31 ? 0 : ek_round_shift(ek_high_multiply(scale, e), shift);
            out[i] = (int8_t)ek_clamp(share - 128, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
