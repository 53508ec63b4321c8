/* ek_pad_s8: a constant around three axes.
 *
 *   in   [a][b][c]                                              int8
 *   out  [before_a + a + after_a][before_b + b + after_b][before_c + c + after_c]   int8
 *
 * Rounding   none.
 * Requires   every before and after >= 0.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/pad.py checks).
 *
 * ops/pad.py joins axes: an image padded at its borders comes as a = h, b = 1, c = w * ch.
 */
#ifndef EK_PAD_S8_H
#define EK_PAD_S8_H

#include <stdint.h>

#include "ek_compiler.h"

typedef struct {
    int32_t a, b, c;
    int32_t before_a, before_b, before_c;
    int32_t after_a, after_b, after_c;
    int32_t value;
} ek_pad_s8_params;

/* Writes `count` values; gives where the next one goes. */
EK_INLINE int8_t *ek_pad_s8_fill(int8_t *out, int32_t count, int32_t value)
{
    for (int32_t i = 0; i < count; i++)
        out[i] = (int8_t)value;
    return out + count;
}

EK_INLINE int8_t *ek_pad_s8_copy(int8_t *out, const int8_t *in, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        out[i] = in[i];
    return out + count;
}

EK_INLINE void ek_pad_s8(const ek_pad_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t run = p->before_c + p->c + p->after_c;
    const int32_t plane = (p->before_b + p->b + p->after_b) * run;
    out = ek_pad_s8_fill(out, p->before_a * plane, p->value);
    for (int32_t a = 0; a < p->a; a++) {
        out = ek_pad_s8_fill(out, p->before_b * run, p->value);
        for (int32_t b = 0; b < p->b; b++) {
            out = ek_pad_s8_fill(out, p->before_c, p->value);
            out = ek_pad_s8_copy(out, in, p->c);
            out = ek_pad_s8_fill(out, p->after_c, p->value);
            in += p->c;
        }
        out = ek_pad_s8_fill(out, p->after_b * run, p->value);
    }
    ek_pad_s8_fill(out, p->after_a * plane, p->value);
}

#endif
