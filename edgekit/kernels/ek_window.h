/* ek_window: which cells of an image a window covers. */
#ifndef EK_WINDOW_H
#define EK_WINDOW_H

#include <stdint.h>

#include "ek_compiler.h"

/* The first and the number of real cells of a window, along one axis. */
typedef struct {
    int32_t start;
    int32_t count;
} ek_window_span;

/* The part inside 0..extent - 1 of a window that starts at `start`, which may be negative. */
EK_INLINE ek_window_span ek_window_cut(int32_t start, int32_t window, int32_t extent)
{
    const int32_t first = start < 0 ? 0 : start;
    const int32_t end = start + window < extent ? start + window : extent;
    return (ek_window_span){first, end - first};
}

#endif
