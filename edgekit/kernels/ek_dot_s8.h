/* ek_dot_s8: sums of products of int8 runs, for one or two output channels at a time.
 *
 * Two channels share each load of an activation; that is what an Armv6-M core's registers hold.
 */
#ifndef EK_DOT_S8_H
#define EK_DOT_S8_H

#include <stdint.h>

#include "ek_compiler.h"

/* The running sums of two neighbouring output channels. */
typedef struct {
    int32_t first;
    int32_t second;
} ek_pair_t;

EK_INLINE int32_t ek_dot_s8(int32_t sum, const int8_t *x, const int8_t *w, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        sum += x[i] * w[i];
    return sum;
}

/* `second` is the distance from the first channel's weights to the second's. */
EK_INLINE ek_pair_t ek_dot_pair_s8(ek_pair_t sum, const int8_t *x, const int8_t *w, int32_t second,
                                   int32_t count)
{
    const int8_t *v = w + second;
    for (int32_t i = 0; i < count; i++) {
        const int32_t value = x[i];
        sum.first += value * w[i];
        sum.second += value * v[i];
    }
    return sum;
}

/* The same where every activation is `value`: cells outside the image. */
EK_INLINE ek_pair_t ek_dot_pair_constant_s8(ek_pair_t sum, int32_t value, const int8_t *w,
                                            int32_t second, int32_t count)
{
    ek_pair_t weights = {0, 0};
    for (int32_t i = 0; i < count; i++) {
        weights.first += w[i];
        weights.second += w[second + i];
    }
    sum.first += value * weights.first;
    sum.second += value * weights.second;
    return sum;
}

#endif
