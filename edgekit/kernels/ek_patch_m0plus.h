/* ek_patch_m0plus: the cells of one window, copied behind one another, padding included.
 *
 *   in      [in_h][in_w][in_ch] int8, from the group's first channel on
 *   patch   [kernel_h][kernel_w][depth] int8
 *
 * Aliasing  in and patch must not overlap.
 */
#ifndef EK_PATCH_M0PLUS_H
#define EK_PATCH_M0PLUS_H

#include <stdint.h>

#include "ek_window.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t kernel_h, kernel_w;
    int32_t dilation_h, dilation_w;
    int32_t depth;
    int32_t pad_value;
} ek_patch_t;

static inline int8_t *ek_patch_copy(int8_t *to, const int8_t *from, int32_t count)
{
    int32_t i = 0;
    if ((((uintptr_t)to | (uintptr_t)from) & 3) == 0) {
        for (; i + 4 <= count; i += 4)
            __builtin_memcpy(__builtin_assume_aligned(to + i, 4),
                             __builtin_assume_aligned(from + i, 4), 4);
    }
    for (; i + 4 <= count; i += 4) {
        to[i] = from[i];
        to[i + 1] = from[i + 1];
        to[i + 2] = from[i + 2];
        to[i + 3] = from[i + 3];
    }
    for (; i < count; i++)
        to[i] = from[i];
    return to + count;
}

static inline int8_t *ek_patch_fill(int8_t *to, int32_t value, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        to[i] = (int8_t)value;
    return to + count;
}

/* One row of the window, from column `left` of the image on; `row` is the image's row. */
static inline int8_t *ek_patch_row(const ek_patch_t *p, const int8_t *row, int32_t left, int8_t *to)
{
    if (p->dilation_w == 1 && p->depth == p->in_ch) {
        const ek_window_span real = ek_window_cut(left, p->kernel_w, p->in_w);
        const int32_t count = real.count > 0 ? real.count : 0;
        const int32_t before = count ? real.start - left : p->kernel_w;
        to = ek_patch_fill(to, p->pad_value, before * p->depth);
        to = ek_patch_copy(to, row + real.start * p->in_ch, count * p->depth);
        return ek_patch_fill(to, p->pad_value, (p->kernel_w - before - count) * p->depth);
    }
    for (int32_t kx = 0; kx < p->kernel_w; kx++) {
        const int32_t x = left + kx * p->dilation_w;
        if (x >= 0 && x < p->in_w)
            to = ek_patch_copy(to, row + x * p->in_ch, p->depth);
        else
            to = ek_patch_fill(to, p->pad_value, p->depth);
    }
    return to;
}

/* Whether the window lies within the image, and each of its rows is one piece of memory. */
static inline int ek_patch_is_plain(const ek_patch_t *p, int32_t top, int32_t left)
{
    const int32_t bottom = top + (p->kernel_h - 1) * p->dilation_h;
    return p->dilation_w == 1 && p->depth == p->in_ch && top >= 0 && left >= 0 &&
           bottom < p->in_h && left + p->kernel_w <= p->in_w;
}

/* The window whose first cell is in row `top` and column `left`, which may be outside. */
static inline void ek_patch_s8(const ek_patch_t *p, const int8_t *in, int32_t top, int32_t left,
                               int8_t *patch)
{
    if (ek_patch_is_plain(p, top, left)) {
        const int32_t row = p->kernel_w * p->depth, step = p->dilation_h * p->in_w * p->in_ch;
        const int8_t *from = in + (top * p->in_w + left) * p->in_ch;
        for (int32_t ky = 0; ky < p->kernel_h; ky++, from += step)
            patch = ek_patch_copy(patch, from, row);
        return;
    }
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t y = top + ky * p->dilation_h;
        if (y >= 0 && y < p->in_h)
            patch = ek_patch_row(p, in + y * p->in_w * p->in_ch, left, patch);
        else
            patch = ek_patch_fill(patch, p->pad_value, p->kernel_w * p->depth);
    }
}

#endif
