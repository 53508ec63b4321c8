/* ek_quantize_s8: real values as int8.
 *
 *   in   [count]   float32
 *   out  [count]   int8, in / scale + zero_point
 *
 * Rounding   in / scale in single precision, then to nearest, ties away from zero (as TFLite's
 *            reference kernel); saturates. Numbers that are none give -128.
 * Requires   scale > 0.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_QUANTIZE_S8_H
#define EK_QUANTIZE_S8_H

#include <stdint.h>

#include "ek_compiler.h"

typedef struct {
    int32_t count;
    int32_t zero_point;
    float scale;
} ek_quantize_s8_params;

/* Cut to +-512 first: beyond, every int8 saturates, and a cast of what no int32 holds would be
 * undefined. The part behind the point of what is left is exact. */
EK_INLINE int32_t ek_quantize_round(float value)
{
    if (!(value > -512.0f))
        return -512;
    if (value > 512.0f)
        return 512;
    int32_t whole = (int32_t)value;
    float rest = value - (float)whole;
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

EK_INLINE void ek_quantize_s8(const ek_quantize_s8_params *p, const float *in, int8_t *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        int32_t q = ek_quantize_round(in[i] / p->scale) + p->zero_point;
        out[i] = (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
    }
}

#endif
