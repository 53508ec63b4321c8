/* ek_lanes_s8: two output channels in one 32-bit multiplication.
 *
 * The weights a, b of two channels for the same input lie in one word as a + 2^16 * b. A product
 * with an activation x is then x * a + 2^16 * (x * b), and a sum of two of them still holds both
 * sums apart: |x * a + x' * a'| <= 128 * (127 + 127) < 2^15. One load and one MULS where plain C
 * needs two of each; it is what makes a core without SIMD fast.
 *
 * Requires   weights >= -127, or else `pairs` 0: then each product is split by itself.
 */
#ifndef EK_LANES_S8_H
#define EK_LANES_S8_H

#include <stdint.h>

#include "ek_dot_s8.h"

/* `second` is the distance from the first channel's weights to the second's. */
EK_INLINE void ek_lanes_pack_s8(uint32_t *lanes, const int8_t *w, int32_t second, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        lanes[i] = (uint32_t)w[i] + ((uint32_t)w[second + i] << 16);
}

EK_INLINE ek_pair_t ek_lanes_add(ek_pair_t sum, uint32_t lanes)
{
    const int32_t low = (int16_t)lanes;
    sum.first += low;
    sum.second += (int32_t)(lanes - (uint32_t)low) >> 16;
    return sum;
}

/* Four activations that start at a multiple of 4 bytes, the first one in the lowest bits. */
EK_INLINE uint32_t ek_load_four_s8(const int8_t *x)
{
    uint32_t word;
    __builtin_memcpy(&word, __builtin_assume_aligned(x, 4), sizeof word);
    return word;
}

/* x with the lanes of its weights. `aligned`: x and count are multiples of 4. Both flags are
 * constants where this is inlined.
 */
EK_INLINE ek_pair_t ek_lanes_dot_s8(ek_pair_t sum, const int8_t *x, const uint32_t *lanes,
                                    int32_t count, int32_t pairs, int32_t aligned)
{
    int32_t i = 0;
    if (pairs && aligned) {
        for (; i < count; i += 4) {
            const uint32_t four = ek_load_four_s8(x + i);
            const uint32_t x0 = (uint32_t)(int8_t)four;
            const uint32_t x1 = (uint32_t)((int32_t)(four << 16) >> 24);
            const uint32_t x2 = (uint32_t)((int32_t)(four << 8) >> 24);
            const uint32_t x3 = (uint32_t)((int32_t)four >> 24);
            sum = ek_lanes_add(sum, x0 * lanes[i] + x1 * lanes[i + 1]);
            sum = ek_lanes_add(sum, x2 * lanes[i + 2] + x3 * lanes[i + 3]);
        }
        return sum;
    }
    for (; pairs && i + 1 < count; i += 2)
        sum = ek_lanes_add(sum, (uint32_t)x[i] * lanes[i] + (uint32_t)x[i + 1] * lanes[i + 1]);
    for (; i < count; i++)
        sum = ek_lanes_add(sum, (uint32_t)x[i] * lanes[i]);
    return sum;
}

/* The same where every activation is `value`: cells outside the image. */
EK_INLINE ek_pair_t ek_lanes_dot_constant_s8(ek_pair_t sum, int32_t value, const uint32_t *lanes,
                                             int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        sum = ek_lanes_add(sum, (uint32_t)value * lanes[i]);
    return sum;
}

#endif
