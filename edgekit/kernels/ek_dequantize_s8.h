/* ek_dequantize_s8: the real values that int8 stand for.
 *
 *   in   [count]   int8
 *   out  [count]   float32, scale * (in - zero_point)
 *
 * Rounding   of one product in single precision: the difference is exact.
 * Requires   -128 <= zero_point <= 127.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_DEQUANTIZE_S8_H
#define EK_DEQUANTIZE_S8_H

#include <stdint.h>

#include "ek_compiler.h"

typedef struct {
    int32_t count;
    int32_t zero_point;
    float scale;
} ek_dequantize_s8_params;

EK_INLINE void ek_dequantize_s8(const ek_dequantize_s8_params *p, const int8_t *in, float *out)
{
    for (int32_t i = 0; i < p->count; i++)
        out[i] = p->scale * (float)(in[i] - p->zero_point);
}

#endif
