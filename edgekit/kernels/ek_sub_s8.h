/* ek_sub_s8: difference of two tensors of any scales, either stretched along some axes.
 *
 *   first, second, out   int8, as ek_elementwise_s8.h walks them; out is first - second
 *
 * Rounding   as ek_add_s8, with the second input's sign changed once it is scaled.
 * Requires   what ek_add_s8 requires.
 * Aliasing   out may be an input that is not stretched; otherwise it must not overlap them.
 * Scratch    none.  Allocates: never.  Fails: never (ops/sub.py checks).
 */
#ifndef EK_SUB_S8_H
#define EK_SUB_S8_H

#include "ek_add_s8.h"

typedef ek_add_s8_params ek_sub_s8_params;

EK_INLINE int8_t ek_sub_s8_one(const void *params, int32_t first, int32_t second)
{
    const ek_sub_s8_params *p = params;
    return ek_add_s8_output(p, ek_add_s8_first(p, first) - ek_add_s8_second(p, second));
}

EK_INLINE void ek_sub_s8(const ek_sub_s8_params *p, const int8_t *first, const int8_t *second,
                         int8_t *out)
{
    ek_elementwise_s8(&p->loops, ek_sub_s8_one, p, first, second, out);
}

#endif
