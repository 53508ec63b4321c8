/* ek_depthwise_conv_2d_s8_m0plus: ek_depthwise_conv_2d_s8 for Armv6-M, from a plane of words.
 *
 *   in, weights, out   as there
 *   bias               [out_ch][5] factors of ek_sweep_m0plus.h; [out_ch][7] where sides is 2
 *   multiplier         [kernel_h * kernel_w] int32 places of the taps in the plane (ek_plane_m0plus.h),
 *                      then [stride_w][3], for each part of a row: words before the image, the column
 *                      of the first one in it, and how many are in it
 *   shift              null
 *
 * Rounding   ek_requantize.h; the factors give the same bytes.
 * Padding    counts as pad_value, the input's zero point, which is a real 0.
 * Requires   as there.
 * Aliasing   as there.
 * Scratch    for each of `shares`: plane [plane_rows][stride_w][columns] int32, then taps
 *            [kernel_h * kernel_w] of ek_tap_t where that is not 9.
 *            Allocates: never.  Fails: never.
 *
 * The plane holds what `band` rows of outputs need; before the next band the rows that both need
 * move up. Column x of the padded image is word x / stride_w of part x % stride_w of its row: so the
 * words for neighbouring outputs are neighbours. Two cores share the channels.
 */
#ifndef EK_DEPTHWISE_CONV_2D_S8_M0PLUS_H
#define EK_DEPTHWISE_CONV_2D_S8_M0PLUS_H

#include "ek_cores.h"
#include "ek_plane_m0plus.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t pad_h; /* rows before the first */
    int32_t out_stride;
    int32_t depth_multiplier;
    int32_t pad_value;
    int32_t band;       /* rows of outputs at a time */
    int32_t plane_rows; /* (band - 1) * stride_h + rows that a window reaches over */
    int32_t columns;    /* words in each part of a row */
    int32_t sides;      /* of the lines in `bias`, 1 or 2 */
    int32_t shares;     /* cores, 1 or 2 */
    int32_t share_bytes; /* of scratch memory, for each */
} ek_depthwise_conv_2d_s8_m0plus_params;

/* Rows `first` to `end` of the plane from the image; its row 0 is the image's row `top`. */
static inline void ek_depthwise_rows(const ek_depthwise_conv_2d_s8_m0plus_params *p,
                                     const int32_t *parts, const int8_t *in, int32_t *plane,
                                     int32_t top, int32_t first, int32_t end)
{
    const int32_t pitch = p->stride_w * p->columns;
    const int32_t from = top + first < 0 ? -top : first;
    const int32_t until = top + end > p->in_h ? p->in_h - top : end;
    if (from >= until)
        return;
    for (int32_t part = 0; part < p->stride_w; part++, parts += 3) {
        const int32_t skip = parts[0], x = parts[1], count = parts[2];
        if (count <= 0)
            continue;
        const ek_widen_t widen = {
            plane + from * pitch + part * p->columns + skip,
            in + ((top + from) * p->in_w + x) * p->in_ch,
            p->stride_w * p->in_ch,
            count,
            until - from,
            4 * (pitch - count),
            (p->in_w - count * p->stride_w) * p->in_ch,
        };
        ek_widen_s8(&widen);
    }
}

static inline void ek_depthwise_fill(int32_t *to, int32_t value, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        to[i] = value;
}

/* Rows of one output channel from the plane. */
static inline void ek_depthwise_band(const ek_depthwise_conv_2d_s8_m0plus_params *p, ek_plane_t *b,
                                     int32_t rows, int8_t *out)
{
    b->rows = rows;
    b->out = out;
    const int32_t nine = p->kernel_h * p->kernel_w == 9;
    if (p->sides == 2)
        nine ? ek_plane_nine_bent_s8(b) : ek_plane_any_bent_s8(b);
    else
        nine ? ek_plane_nine_s8(b) : ek_plane_any_s8(b);
}

static inline void ek_depthwise_factors(ek_plane_t *b, const uint32_t *factors, int32_t sides)
{
    b->start = factors[0];
    b->top = factors[1];
    b->low = factors[2];
    b->high = factors[3];
    b->add = factors[4];
    if (sides == 2) {
        b->zero = factors[5];
        b->down = factors[6];
    }
}

/* All that the kernel is called with. */
typedef struct {
    const ek_depthwise_conv_2d_s8_m0plus_params *p;
    const int8_t *in, *weights;
    const int32_t *factors, *places;
    int8_t *out, *scratch;
} ek_depthwise_task_t;

/* The plane for the rows of outputs from oy on; for the first ones it is filled already. */
static inline void ek_depthwise_plane(const ek_depthwise_task_t *t, int32_t channel, int32_t oy,
                                      int32_t *plane)
{
    const ek_depthwise_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t pitch = p->stride_w * p->columns, moved = p->band * p->stride_h;
    const int32_t kept = oy && p->plane_rows > moved ? p->plane_rows - moved : 0;
    for (int32_t i = 0; i < kept * pitch; i++)
        plane[i] = plane[i + moved * pitch];
    if (p->band < p->out_h)
        ek_depthwise_fill(plane + kept * pitch, p->pad_value, (p->plane_rows - kept) * pitch);
    ek_depthwise_rows(p, t->places + p->kernel_h * p->kernel_w, t->in + channel, plane,
                      oy * p->stride_h - p->pad_h, kept, p->plane_rows);
}

/* All that becomes of one channel. */
static inline void ek_depthwise_channel(const ek_depthwise_task_t *t, int32_t channel,
                                        int32_t *plane, ek_tap_t *taps, ek_plane_t *b)
{
    const ek_depthwise_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t size = p->kernel_h * p->kernel_w;
    const int32_t each = p->sides == 2 ? EK_BENT_FACTORS : EK_FACTORS;
    for (int32_t oy = 0; oy < p->out_h; oy += p->band) {
        ek_depthwise_plane(t, channel, oy, plane);
        for (int32_t k = 0; k < p->depth_multiplier; k++) {
            const int32_t c = channel * p->depth_multiplier + k;
            for (int32_t i = 0; i < size; i++)
                taps[i] = (ek_tap_t){t->places[i], t->weights[c * size + i]};
            ek_depthwise_factors(b, (const uint32_t *)t->factors + each * c, p->sides);
            ek_depthwise_band(p, b, p->out_h - oy < p->band ? p->out_h - oy : p->band,
                              t->out + c + oy * b->row_step);
        }
    }
}

static void ek_depthwise_share(const void *task, int32_t share, int32_t shares)
{
    const ek_depthwise_task_t *const t = task;
    const ek_depthwise_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t size = p->kernel_h * p->kernel_w, pitch = p->stride_w * p->columns;
    const int32_t half = p->in_ch / 2;
    const int32_t from = share ? half : 0, to = share + 1 < shares ? half : p->in_ch;
    int32_t *const plane = (int32_t *)(void *)(t->scratch + share * p->share_bytes);
    ek_tap_t *const taps = (ek_tap_t *)(void *)(plane + p->plane_rows * pitch);
    ek_plane_t b = {.words = plane,
                    .step = p->out_stride,
                    .three_steps = 3 * p->out_stride,
                    .width = p->out_w,
                    .words_step = 4 * p->stride_h * pitch,
                    .row_step = p->out_w * p->out_stride,
                    .taps = taps,
                    .taps_end = taps + size};
    ek_depthwise_fill(plane, p->pad_value, p->plane_rows * pitch);
    for (int32_t channel = from; channel < to; channel++)
        ek_depthwise_channel(t, channel, plane, size == 9 ? b.nine : taps, &b);
}

__attribute__((unused)) static void
ek_depthwise_conv_2d_s8_m0plus(const ek_depthwise_conv_2d_s8_m0plus_params *p, const int8_t *in,
                               const int8_t *weights, const int32_t *bias,
                               const int32_t *multiplier, const int8_t *shift, int8_t *out,
                               void *scratch)
{
    (void)shift;
    const ek_depthwise_task_t task = {p, in, weights, bias, multiplier, out, scratch};
    if (p->shares == 1)
        ek_depthwise_share(&task, 0, 1);
    else
        ek_run_shares(ek_depthwise_share, &task);
}

#endif
