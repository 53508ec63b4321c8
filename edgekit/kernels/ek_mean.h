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

#endif
