/* ek_pool_2d: what pools of any kind have in common: a window that moves over an image. */
#ifndef EK_POOL_2D_H
#define EK_POOL_2D_H

#include "ek_window.h"

typedef struct {
    int32_t in_h, in_w, ch;
    int32_t out_h, out_w;
    int32_t window_h, window_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w; /* cells before the first row and column */
    int32_t out_stride;
    int32_t output_min, output_max;
} ek_pool_2d_params;

/* The real cells of a window: the first, and how many there are down and across. */
typedef struct {
    const int8_t *corner;
    int32_t rows, columns;
} ek_pool_2d_window;

/* The rows of the image under a row of windows. */
EK_INLINE ek_window_span ek_pool_2d_rows(const ek_pool_2d_params *p, int32_t oy)
{
    return ek_window_cut(oy * p->stride_h - p->pad_h, p->window_h, p->in_h);
}

/* The window of the output pixel in column ox of such a row. */
EK_INLINE ek_pool_2d_window ek_pool_2d_at(const ek_pool_2d_params *p, const int8_t *in,
                                          ek_window_span y, int32_t ox)
{
    const ek_window_span x = ek_window_cut(ox * p->stride_w - p->pad_w, p->window_w, p->in_w);
    return (ek_pool_2d_window){in + (y.start * p->in_w + x.start) * p->ch, y.count, x.count};
}

#endif
