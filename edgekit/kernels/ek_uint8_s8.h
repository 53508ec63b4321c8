/* ek_uint8_s8: int8 as uint8 and back, at the same scale, with zero points that are 128 apart.
 *
 *   in, out   [count]   one uint8, the other int8
 *
 * Rounding   none: adding 128 turns over the highest bit, and nothing else.
 * Requires   nothing more.
 * Aliasing   out may be in; otherwise they must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_UINT8_S8_H
#define EK_UINT8_S8_H

#include <stdint.h>

#include "ek_compiler.h"

typedef struct {
    int32_t count;
} ek_uint8_s8_params;

EK_INLINE void ek_uint8_s8(const ek_uint8_s8_params *p, const void *in, void *out)
{
    const uint8_t *from = in;
    uint8_t *to = out;
    for (int32_t i = 0; i < p->count; i++)
        to[i] = from[i] ^ 0x80U;
}

#endif
