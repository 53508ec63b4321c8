/* ek_resize_nearest_neighbor_s8: an image of another size, whose pixels are pixels of the input.
 *
 *   in       [in_h][in_w][ch]     int8
 *   rows     [out_h]              int32, 0 .. in_h - 1
 *   columns  [out_w]              int32, 0 .. in_w - 1
 *   out      [out_h][out_w][ch]   int8
 *
 * Rounding   none.
 * Alignment  in and out at multiples of 4 bytes.
 * Requires   rows and columns lie within the image.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/resize_nearest_neighbor.py checks).
 */
#ifndef EK_RESIZE_NEAREST_NEIGHBOR_S8_H
#define EK_RESIZE_NEAREST_NEIGHBOR_S8_H

#include "ek_copy_s8.h"

typedef struct {
    int32_t in_w, ch;
    int32_t out_h, out_w;
} ek_resize_nearest_neighbor_s8_params;

EK_INLINE void ek_resize_nearest_neighbor_s8(const ek_resize_nearest_neighbor_s8_params *p,
                                             const int8_t *in, const int32_t *rows,
                                             const int32_t *columns, int8_t *out)
{
    for (int32_t y = 0; y < p->out_h; y++) {
        const int8_t *row = in + rows[y] * p->in_w * p->ch;
        for (int32_t x = 0; x < p->out_w; x++) {
            ek_copy_s8(row + columns[x] * p->ch, out, p->ch, p->ch % 4 == 0);
            out += p->ch;
        }
    }
}

#endif
