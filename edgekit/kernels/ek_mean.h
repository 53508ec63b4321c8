/* ek_mean: sums of spaced int8 values, and their division. */
#ifndef EK_MEAN_H
#define EK_MEAN_H

#include <stdint.h>

#include "ek_compiler.h"

/* The sum of `count` values that lie `step` apart; count <= 2^23. */
EK_INLINE int32_t ek_sum_s8(const int8_t *x, int32_t count, int32_t step)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += x[i * step];
    return sum;
}

/* sum / count to nearest, ties away from zero; count > 0, |sum| + count / 2 < 2^31. */
EK_INLINE int32_t ek_round_divide(int32_t sum, int32_t count)
{
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

/* So many int8 at most: their sum is an int16. */
#define EK_SHORT_COUNT 256

/* For 1 <= count <= EK_SHORT_COUNT, and sums of so many int8: ek_round_divide(sum, count) is
 * (sum * ek_reciprocal(count) + 2^23) >> 24.
 *
 * The reciprocal is (2^24 + e) / count with 1 <= e <= count, so that the quotient becomes up to
 * count / 2^17 larger, positive or negative. That takes ties away from zero, and nothing else
 * across one: other quotients are 1 / (2 * count) away from any, 1 / count where count is even.
 */
EK_INLINE int32_t ek_reciprocal(int32_t count)
{
    return (1 << 24) / count + 1;
}

#endif
