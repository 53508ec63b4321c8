/* ek_dot_s8: the sums of products of an int8 run, for two output channels at once.
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

#endif
