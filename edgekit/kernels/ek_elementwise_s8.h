/* ek_elementwise_s8: one function of two int8 over two tensors, either stretched along some axes.
 *
 *   first   int8, its value for output [a][b][c][d] at a * first_a + b * first_b + ...
 *   second  int8, likewise; a step is 0 where the input is stretched
 *   out     [a][b][c][d]   int8
 *
 * The function is a constant where a kernel calls this, so that the compiler inlines it.
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 */
#ifndef EK_ELEMENTWISE_S8_H
#define EK_ELEMENTWISE_S8_H

#include "ek_requantize.h"

typedef struct {
    int32_t a, b, c, d;
    int32_t first_a, first_b, first_c, first_d;
    int32_t second_a, second_b, second_c, second_d;
} ek_elementwise_s8_loops;

/* One output; `params` is the kernel's own. */
typedef int8_t ek_elementwise_s8_one(const void *params, int32_t first, int32_t second);

/* Share `share` of `shares`: a piece of each row along d. */
EK_INLINE void ek_elementwise_s8_share(const ek_elementwise_s8_loops *n, ek_elementwise_s8_one *one,
                                       const void *params, const int8_t *first,
                                       const int8_t *second, int8_t *out, int32_t share,
                                       int32_t shares)
{
    const int32_t from = share * n->d / shares, end = (share + 1) * n->d / shares;
    out += from;
    for (int32_t a = 0; a < n->a; a++) {
        for (int32_t b = 0; b < n->b; b++) {
            for (int32_t c = 0; c < n->c; c++) {
                const int8_t *x = first + a * n->first_a + b * n->first_b + c * n->first_c;
                const int8_t *y = second + a * n->second_a + b * n->second_b + c * n->second_c;
                for (int32_t d = from; d < end; d++)
                    *out++ = one(params, x[d * n->first_d], y[d * n->second_d]);
                out += n->d - (end - from);
            }
        }
    }
}

EK_INLINE void ek_elementwise_s8(const ek_elementwise_s8_loops *n, ek_elementwise_s8_one *one,
                                 const void *params, const int8_t *first, const int8_t *second,
                                 int8_t *out)
{
    ek_elementwise_s8_share(n, one, params, first, second, out, 0, 1);
}

/* x * multiplier * 2^(shift - 31) for |x| < EK_SMALL_SUM and a constant shift in -31..30. */
EK_INLINE int32_t ek_elementwise_s8_scale(int32_t x, int32_t multiplier, int32_t shift)
{
    if (shift > 0)
        return ek_multiply_by_quantized_multiplier(x, multiplier, shift);
    const int32_t high = ek_high_multiply_small(x, multiplier);
    return shift == 0 ? high : ek_round_shift(high, -shift);
}

#endif
