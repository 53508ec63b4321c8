/* ek_minimum_s8: the smaller of two values, of two tensors, either stretched along some axes.
 *
 *   first, second, out   int8, all of one scale and zero point, as ek_elementwise_s8.h walks them
 *
 * Rounding   none.
 * Requires   nothing more.
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_MINIMUM_S8_H
#define EK_MINIMUM_S8_H

#include "ek_elementwise_s8.h"

typedef struct {
    ek_elementwise_s8_loops loops;
} ek_minimum_s8_params;

EK_INLINE int8_t ek_minimum_s8_one(const void *params, int32_t first, int32_t second)
{
    (void)params;
    return (int8_t)(first < second ? first : second);
}

EK_INLINE void ek_minimum_s8(const ek_minimum_s8_params *p, const int8_t *first,
                             const int8_t *second, int8_t *out)
{
    ek_elementwise_s8(&p->loops, ek_minimum_s8_one, p, first, second, out);
}

#endif
