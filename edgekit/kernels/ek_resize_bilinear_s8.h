/* ek_resize_bilinear_s8: an image of another size, each pixel mixed from the four around its place.
 *
 *   in   [in_h][in_w][ch]     int8
 *   out  [out_h][out_w][ch]   int8
 *
 * Rounding   places in 1/1024 of a pixel, so weights in 2^-20; their sum to nearest, ties away from
 *            zero (as the TFLite reference kernel).
 * Padding    places outside the image are those of its border.
 * Requires   in_h, in_w < 2^20; start + out * step < 2^31.  Weights are not negative and add up to
 *            2^20, so no sum exceeds 2^27.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (ops/resize_bilinear.py checks).
 */
#ifndef EK_RESIZE_BILINEAR_S8_H
#define EK_RESIZE_BILINEAR_S8_H

#include "ek_requantize.h"

typedef struct {
    int32_t in_h, in_w, ch;
    int32_t out_h, out_w;
    int32_t start_h, step_h; /* in 1/1024 of a pixel */
    int32_t start_w, step_w;
} ek_resize_bilinear_s8_params;

/* A place along one axis: the pixel before it, how far the one behind is from that, 0 at the
 * border, and the part of the way to it.
 */
typedef struct {
    int32_t before;
    int32_t next;
    int32_t part;
} ek_place_t;

EK_INLINE ek_place_t ek_place(int32_t position, int32_t extent)
{
    const int32_t inside = ek_clamp(position, 0, (extent - 1) * 1024);
    const ek_place_t place = {inside / 1024, inside % 1024 > 0, inside % 1024};
    return place;
}

EK_INLINE void ek_resize_bilinear_s8_pixel(int32_t ch, const int8_t *in, int32_t below,
                                           int32_t beside, ek_place_t y, ek_place_t x, int8_t *out)
{
    const int32_t weight = (1024 - y.part) * (1024 - x.part);
    const int32_t weight_below = y.part * (1024 - x.part);
    const int32_t weight_beside = (1024 - y.part) * x.part;
    const int32_t weight_both = y.part * x.part;
    for (int32_t c = 0; c < ch; c++) {
        const int32_t sum = in[c] * weight + in[c + below] * weight_below +
                            in[c + beside] * weight_beside + in[c + below + beside] * weight_both;
        out[c] = (int8_t)ek_round_shift(sum, 20);
    }
}

EK_INLINE void ek_resize_bilinear_s8(const ek_resize_bilinear_s8_params *p, const int8_t *in,
                                     int8_t *out)
{
    const int32_t row = p->in_w * p->ch;
    for (int32_t oy = 0; oy < p->out_h; oy++) {
        const ek_place_t y = ek_place(p->start_h + oy * p->step_h, p->in_h);
        for (int32_t ox = 0; ox < p->out_w; ox++) {
            const ek_place_t x = ek_place(p->start_w + ox * p->step_w, p->in_w);
            ek_resize_bilinear_s8_pixel(p->ch, in + y.before * row + x.before * p->ch,
                                        y.next * row, x.next * p->ch, y, x, out);
            out += p->ch;
        }
    }
}

#endif
