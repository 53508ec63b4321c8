/* ek_gather_s8: chosen slices along the middle one of three axes.
 *
 *   in       [batch][outer][extent][inner]   int8
 *   indices  [batch][count]                  int32, 0 .. extent - 1
 *   out      [batch][outer][count][inner]    int8
 *
 * Rounding   none.
 * Alignment  in and out at multiples of 4 bytes.
 * Requires   every index lies within extent.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/gather.py checks).
 */
#ifndef EK_GATHER_S8_H
#define EK_GATHER_S8_H

#include "ek_copy_s8.h"

typedef struct {
    int32_t batch, outer, extent, inner, count;
} ek_gather_s8_params;

EK_INLINE void ek_gather_s8(const ek_gather_s8_params *p, const int8_t *in, const int32_t *indices,
                            int8_t *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t o = 0; o < p->outer; o++) {
            for (int32_t i = 0; i < p->count; i++) {
                ek_copy_s8(in + indices[i] * p->inner, out, p->inner, p->inner % 4 == 0);
                out += p->inner;
            }
            in += p->extent * p->inner;
        }
        indices += p->count;
    }
}

#endif
