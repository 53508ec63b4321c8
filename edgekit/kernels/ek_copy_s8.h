/* ek_copy_s8: a run of int8.
 *
 *   in   [count]   int8
 *   out  [count]   int8
 *
 * Rounding   none.
 * Requires   words only where in, out and count are multiples of 4; a constant where it is inlined.
 * Aliasing   in and out must not overlap.
 */
#ifndef EK_COPY_S8_H
#define EK_COPY_S8_H

#include <stdint.h>

#include "ek_compiler.h"

/* Four values of any type. A sanitizer sees where one is not aligned, which memcpy would hide. */
typedef uint32_t __attribute__((may_alias)) ek_word_t;

EK_INLINE void ek_copy_s8(const int8_t *in, int8_t *out, int32_t count, int32_t words)
{
    if (words) {
        for (int32_t i = 0; i < count; i += 4)
            *(ek_word_t *)(void *)(out + i) = *(const ek_word_t *)(const void *)(in + i);
    } else {
        for (int32_t i = 0; i < count; i++)
            out[i] = in[i];
    }
}

#endif
