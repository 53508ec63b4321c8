/* ek_rows: a few rows of a tensor that is never whole, in a window that moves down the image.
 *
 *   rows   [capacity][row_bytes]   row `first` of the tensor, then those below it up to `end`
 *
 * Rows around the image are padding, and stand in the window like others: `first` may be negative.
 *
 * Requires   capacity rows hold what a reader wants and what is added (planner/walking.py counts).
 * Aliasing   what is copied in lies outside of the window.
 * Scratch    none.  Allocates: never.  Fails: never.
 */
#ifndef EK_ROWS_H
#define EK_ROWS_H

#include <stdint.h>
#include <string.h>

#include "ek_compiler.h"

typedef struct {
    int8_t *rows;
    int32_t first;
    int32_t end;
} ek_rows_t;

/* Constants of a window: its size, and the tensor's. */
typedef struct {
    int32_t capacity;
    int32_t row_bytes;
    int32_t height;  /* rows of the tensor; those below are padding */
    int32_t before;  /* rows of padding above it */
    int32_t outside; /* the value of padding */
} ek_rows_params;

EK_INLINE int32_t ek_rows_first(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* At the top of the image, with the padding above it. */
EK_INLINE void ek_rows_start(const ek_rows_params *p, ek_rows_t *window, int8_t *rows)
{
    window->rows = rows;
    window->first = -p->before;
    window->end = 0;
    memset(rows, p->outside, (uint32_t)(p->before * p->row_bytes));
}

EK_INLINE const int8_t *ek_rows_at(const ek_rows_params *p, const ek_rows_t *window, int32_t row)
{
    return window->rows + (row - window->first) * p->row_bytes;
}

/* Where the next `count` rows go, which are there from now on. Rows above `wanted` may be dropped:
 * those of a reader whose steps are larger than its reach may lie below all that are there. */
EK_INLINE int8_t *ek_rows_grow(const ek_rows_params *p, ek_rows_t *window, int32_t count,
                               int32_t wanted)
{
    const int32_t keep = ek_rows_first(wanted, window->end);
    if (window->end + count - window->first > p->capacity) {
        const int8_t *kept = ek_rows_at(p, window, keep);
        memmove(window->rows, kept, (uint32_t)((window->end - keep) * p->row_bytes));
        window->first = keep;
    }
    int8_t *next = window->rows + (window->end - window->first) * p->row_bytes;
    window->end += count;
    return next;
}

/* The padding below the image, up to row `end`. */
EK_INLINE void ek_rows_pad(const ek_rows_params *p, ek_rows_t *window, int32_t end, int32_t keep)
{
    const int32_t count = end - window->end;
    if (count > 0)
        memset(ek_rows_grow(p, window, count, keep), p->outside, (uint32_t)(count * p->row_bytes));
}

/* Rows of a tensor that is whole, copied up to row `end`, then padding. */
EK_INLINE void ek_rows_copy(const ek_rows_params *p, ek_rows_t *window, const int8_t *whole,
                            int32_t end, int32_t keep)
{
    const int32_t count = ek_rows_first(end, p->height) - window->end;
    if (count > 0) {
        const int8_t *from = whole + window->end * p->row_bytes;
        memcpy(ek_rows_grow(p, window, count, keep), from, (uint32_t)(count * p->row_bytes));
    }
    ek_rows_pad(p, window, end, keep);
}

#endif
