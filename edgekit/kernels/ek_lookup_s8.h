/* ek_lookup_s8: any function of one int8, by table.
 *
 *   in     [count]   int8
 *   table  [256]     int8, the outputs of -128, -127, ... 127
 *   out    [count]   int8
 *
 * Rounding   the table's.
 * Requires   nothing more.
 * Aliasing   out may be in; otherwise they must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_LOOKUP_S8_H
#define EK_LOOKUP_S8_H

#include <stdint.h>

#include "ek_compiler.h"

typedef struct {
    int32_t count;
} ek_lookup_s8_params;

EK_INLINE void ek_lookup_s8(const ek_lookup_s8_params *p, const int8_t *in, const int8_t *table,
                            int8_t *out)
{
    for (int32_t i = 0; i < p->count; i++)
        out[i] = table[in[i] + 128];
}

#endif
