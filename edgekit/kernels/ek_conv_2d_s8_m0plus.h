/* ek_conv_2d_s8_m0plus: ek_conv_2d_s8 for Armv6-M, up to four output channels at a time.
 *
 *   in, out     as there
 *   weights     for each group its blocks: of four output channels, of which a last one is filled up
 *               with zeros before three, or of two, or one. A block is [size][4, 2 or 1] int8; size
 *               is kernel_h * kernel_w * depth rounded up to 4, where depth is in_ch / groups, itself
 *               rounded up to 4 where there is a band. Four bytes are channels 0, 2, 1, 3, each with
 *               its top bit turned.
 *   bias        sides 1, 2: [out_ch][5 or 7] factors of ek_sweep_m0plus.h; else [out_ch], with
 *               -in_zero_point * sum(weights) folded in
 *   multiplier  sides 1, 2: null; else [out_ch] int32, Q31
 *   shift       [blocks] int8: the run of each block (ek_sweep_m0plus.h), then, where sides is 0,
 *               [out_ch] shifts
 *
 * Rounding   ek_requantize.h; the factors give the same bytes.
 * Alignment  in, weights and scratch at multiples of 4 bytes.
 * Padding    counts as pad_value, the input's zero point, which is a real 0.
 * Requires   as there; windows and band 0 only where depth is a multiple of 4, and the kernel is
 *            1 x 1 or has one group and dilation_w 1; band only where dilation_w is 1.
 * Aliasing   in and out must not overlap.
 * Scratch    for each of `shares`: lanes [size][width / 2, or 1] uint32, width the 4, 2 or 1 channels
 *            of the widest block; results [16][4] int32 where sides is 0; then the band's cells, or
 *            windows [max(windows, 1)][size] int8. Allocates: never.  Fails: never.
 *
 * Windows that lie inside of the image are read where they lie, and only those that stick out of it
 * are copied. Where that cannot be, all are copied first, `windows` at a time; or, of groups and of
 * 1 x 1 kernels whose depth is no multiple of 4, the group's channels of all rows that `band` rows of
 * outputs need are, padding included, and windows are read there. Two cores share the blocks, or the
 * windows or rows where they are copied; of an odd number of blocks each takes half of the rows of
 * one.
 */
#ifndef EK_CONV_2D_S8_M0PLUS_H
#define EK_CONV_2D_S8_M0PLUS_H

#include "ek_cores.h"
#include "ek_patch_m0plus.h"
#include "ek_sweep_m0plus.h"
#include "ek_unpack_m0plus.h"

typedef struct {
    int32_t in_h, in_w, in_ch;
    int32_t out_h, out_w, out_ch;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_h, pad_w; /* cells before the first row and column */
    int32_t groups;
    int32_t out_stride, out_group, out_channel;
    int32_t pad_value;
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t windows;   /* copied at a time; 0: read where they lie */
    int32_t band;      /* rows of outputs at a time of which a group's channels are copied; 0: none */
    int32_t columns;   /* cells in a row of that copy */
    int32_t sides;     /* of the lines that `bias` has factors of, 1 or 2; 0: it has none */
    int32_t shares;    /* cores, 1 or 2 */
    int32_t share_bytes; /* of scratch memory, for each */
} ek_conv_2d_s8_m0plus_params;

/* Called from several places, and large. */
#define EK_CONV_CALLED __attribute__((noinline)) static
#define EK_CONV_APART 16 /* windows whose sums wait in scratch memory */

/* One block of channels on its way over the image. */
typedef struct {
    const ek_conv_2d_s8_m0plus_params *p;
    ek_sweep_t sweep;
    ek_patch_t patch;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int32_t size;        /* lanes of a window */
    int32_t per_group;   /* output channels */
    int32_t first, end;  /* columns of outputs whose windows lie within a row */
    int32_t blocks;      /* of a group */
    int32_t group_bytes; /* of its weights */
    int32_t channels;    /* 1..4 */
    int32_t plain;       /* whether ek_sweep_s8 does */
    const int8_t *in; /* at the group's channels */
    int8_t *out;      /* at the first channel of the first pixel */
    int8_t *results, *windows;
} ek_conv_block_t;

/* Sums that waited. */
static inline void ek_conv_store(const ek_conv_block_t *b, int8_t *out, int32_t count)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    for (int32_t c = 0; c < b->channels; c++) {
        const ek_requantize_t factor = {b->multiplier[c], b->shift[c]};
        const int32_t *sum = (const int32_t *)(const void *)b->results + 4 - b->channels + c;
        int8_t *to = out + c * p->out_channel;
        for (int32_t i = 0; i < count; i++, to += p->out_stride, sum += 4)
            *to = ek_requantize_s8(*sum + b->bias[c], factor, p->output_offset, p->output_min,
                                   p->output_max, p->small);
    }
}

/* So many windows from `in` on, for output pixels from `pixel` on. */
static inline void ek_conv_run(ek_conv_block_t *b, const int8_t *in, int32_t in_step, int32_t pixel,
                               int32_t count)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    int8_t *out = b->out + pixel * p->out_stride;
    if (count == 0)
        return;
    b->sweep.in_step = in_step;
    if (p->sides) {
        b->sweep.in = in;
        b->sweep.out = out;
        b->sweep.out_step = p->out_stride;
        b->sweep.out_end = out + count * p->out_stride;
        if (b->plain)
            ek_sweep_s8(&b->sweep);
        else
            ek_sweep_any_s8(&b->sweep);
        return;
    }
    b->sweep.out_step = 16;
    while (count > 0) {
        const int32_t now = count < EK_CONV_APART ? count : EK_CONV_APART;
        b->sweep.in = in;
        b->sweep.out = b->results;
        b->sweep.out_end = b->results + now * 16;
        ek_sweep_any_s8(&b->sweep);
        ek_conv_store(b, out, now);
        in += now * in_step;
        out += now * p->out_stride;
        count -= now;
    }
}

/* How the lanes are cut into rows. */
static inline void ek_conv_rows(ek_conv_block_t *b, int32_t row, int32_t gap)
{
    const int32_t words = b->sweep.width / 4; /* of an activation, less one */
    b->sweep.row_lanes = 4 * row << words;
    b->sweep.row_end = b->sweep.lanes + (row << words);
    b->sweep.lanes_end = b->sweep.lanes + (b->size << words);
    b->sweep.row_gap = gap;
}

/* Copies the windows of `count` outputs from one in row oy, column ox on. */
static inline void ek_conv_copied(ek_conv_block_t *b, int32_t oy, int32_t ox, int32_t count)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    for (int32_t i = 0; i < count; i++) {
        ek_patch_s8(&b->patch, b->in, oy * p->stride_h - p->pad_h, ox * p->stride_w - p->pad_w,
                    b->windows + i * b->size);
        if (++ox == p->out_w) {
            ox = 0;
            oy++;
        }
    }
}

static inline void ek_conv_border(ek_conv_block_t *b, int32_t oy, int32_t from, int32_t to)
{
    if (from < to)
        ek_conv_rows(b, b->size, 0);
    for (int32_t ox = from; ox < to; ox++) {
        ek_conv_copied(b, oy, ox, 1);
        ek_conv_run(b, b->windows, b->size, oy * b->p->out_w + ox, 1);
    }
}

/* Rows `from` to `to` of a block where windows inside of the image are read where they lie. */
EK_CONV_CALLED void ek_conv_direct(ek_conv_block_t *b, int32_t from, int32_t to)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    const int32_t row = p->kernel_w * b->patch.depth;
    const int32_t gap = p->dilation_h * p->in_w * p->in_ch - row;
    const int32_t reach_h = (p->kernel_h - 1) * p->dilation_h + 1;
    const int32_t step = p->stride_w * p->in_ch;
    if (p->pad_h == 0 && b->first == 0 && b->end == p->out_w &&
        (p->out_h - 1) * p->stride_h + reach_h <= p->in_h &&
        p->stride_h * p->in_w == p->out_w * p->stride_w) {
        ek_conv_rows(b, row, gap);
        ek_conv_run(b, b->in + from * p->stride_h * p->in_w * p->in_ch, step, from * p->out_w,
                    (to - from) * p->out_w);
        return;
    }
    for (int32_t oy = from; oy < to; oy++) {
        const int32_t top = oy * p->stride_h - p->pad_h;
        const int32_t inside = top >= 0 && top + reach_h <= p->in_h && b->first < b->end;
        ek_conv_border(b, oy, 0, inside ? b->first : p->out_w);
        if (inside) {
            ek_conv_rows(b, row, gap);
            ek_conv_run(b, b->in + (top * p->in_w + b->first * p->stride_w - p->pad_w) * p->in_ch,
                        step, oy * p->out_w + b->first, b->end - b->first);
            ek_conv_border(b, oy, b->end, p->out_w);
        }
    }
}

/* The columns of outputs whose windows do not stick out of a row, from division: rare, but slow. */
static inline void ek_conv_columns(ek_conv_block_t *b)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    const int32_t last = p->in_w + p->pad_w - p->kernel_w;
    const int32_t fit = last < 0 ? 0 : last / p->stride_w + 1;
    b->first = (p->pad_w + p->stride_w - 1) / p->stride_w;
    b->end = fit < p->out_w ? fit : p->out_w;
}

/* All that the kernel is called with. */
typedef struct {
    const ek_conv_2d_s8_m0plus_params *p;
    const int8_t *in, *weights;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int8_t *out, *scratch;
} ek_conv_task_t;

/* Channels that a block of so many is made for. */
static inline int32_t ek_conv_width(int32_t channels)
{
    return channels > 2 ? 4 : channels;
}

static inline void ek_conv_unpack_any(ek_conv_block_t *b, const int8_t *weights)
{
    uint32_t *const lanes = (uint32_t *)(uintptr_t)b->sweep.lanes;
    b->sweep.first = 0;
    if (b->sweep.width == 4)
        ek_unpack_four(lanes, weights, b->size);
    else if (b->sweep.width == 2)
        ek_unpack_two(lanes, weights, b->size);
    else
        b->sweep.first = ek_unpack_one(lanes, weights, b->size);
}

/* Unpacks the block at `place` of a group, number `group * blocks + place` of all. */
EK_CONV_CALLED void ek_conv_choose(ek_conv_block_t *b, const ek_conv_task_t *t, int32_t group,
                                  int32_t place)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    const int32_t channel = group * b->per_group + 4 * place;
    const int32_t rest = b->per_group - 4 * place;
    const int32_t each = p->sides == 0 ? 1 : p->sides == 1 ? EK_FACTORS : EK_BENT_FACTORS;
    b->channels = rest < 4 ? rest : 4;
    b->sweep.width = ek_conv_width(b->channels);
    b->sweep.skip = 4 - b->channels;
    b->sweep.run = t->shift[group * b->blocks + place];
    b->plain = p->sides == 1 && p->out_channel == 1 && rest >= 4 && b->sweep.run > 1;
    ek_conv_unpack_any(b, t->weights + group * b->group_bytes + 4 * place * b->size);
    b->bias = t->bias + channel * each;
    b->sweep.factors = (const uint32_t *)b->bias;
    if (p->sides == 0) {
        b->multiplier = t->multiplier + channel;
        b->shift = t->shift + b->blocks * p->groups + channel;
    }
    b->in = t->in + group * b->patch.depth;
    b->out = t->out + group * p->out_group + 4 * place * p->out_channel;
}

/* This share of all windows, for every block. */
static inline void ek_conv_windows(ek_conv_block_t *b, const ek_conv_task_t *t, int32_t share,
                                   int32_t shares)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    const int32_t pixels = p->out_h * p->out_w, half = pixels / 2;
    const int32_t from = share ? half : 0, to = share + 1 < shares ? half : pixels;
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t pixel = from; pixel < to; pixel += p->windows) {
            const int32_t count = p->windows < to - pixel ? p->windows : to - pixel;
            b->in = t->in + group * b->patch.depth;
            ek_conv_copied(b, pixel / p->out_w, pixel % p->out_w, count);
            for (int32_t place = 0; 4 * place < b->per_group; place++) {
                ek_conv_choose(b, t, group, place);
                ek_conv_rows(b, b->size, 0);
                ek_conv_run(b, b->windows, b->size, pixel, count);
            }
        }
    }
}

/* This share of all blocks, for every window. */
static inline void ek_conv_blocks(ek_conv_block_t *b, const ek_conv_task_t *t, int32_t share,
                                  int32_t shares)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    const int32_t half = p->out_h / 2, all = p->groups * b->blocks;
    /* In half blocks: an upper half is an even number. */
    const int32_t from = share ? all : 0, to = share + 1 < shares ? all : 2 * all;
    int32_t number = 0;
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t place = 0; 4 * place < b->per_group; place++, number += 2) {
            if (number + 1 < from || number >= to)
                continue;
            ek_conv_choose(b, t, group, place);
            ek_conv_direct(b, number < from ? half : 0, number + 1 < to ? p->out_h : half);
        }
    }
}

/* A group's channels of the image's rows from `top` on, padding included, in cells of so many bytes. */
EK_CONV_CALLED void ek_conv_cells(const ek_conv_task_t *t, int32_t group, int32_t top, int32_t rows,
                                 int32_t cell, int8_t *to)
{
    const ek_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t depth = p->in_ch / p->groups;
    const int32_t before = p->pad_w < p->columns ? p->pad_w : p->columns;
    const int32_t behind = p->columns - before, real = behind < p->in_w ? behind : p->in_w;
    for (int32_t y = top; y < top + rows; y++) {
        if (y < 0 || y >= p->in_h) {
            to = ek_patch_fill(to, p->pad_value, p->columns * cell);
            continue;
        }
        const int8_t *from = t->in + y * p->in_w * p->in_ch + group * depth;
        to = ek_patch_fill(to, p->pad_value, before * cell);
        for (int32_t x = 0; x < real; x++, from += p->in_ch, to += cell)
            ek_patch_copy(to, from, depth);
        to = ek_patch_fill(to, p->pad_value, (behind - real) * cell);
    }
}

/* This share of all rows, for every block, a group and a band at a time. */
EK_CONV_CALLED void ek_conv_bands(ek_conv_block_t *b, const ek_conv_task_t *t, int32_t share,
                                 int32_t shares)
{
    const ek_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t half = p->out_h / 2;
    const int32_t from = share ? half : 0, to = share + 1 < shares ? half : p->out_h;
    ek_conv_2d_s8_m0plus_params cells = *p; /* as if the cells were the image */
    cells.in_w = p->columns;
    cells.in_ch = b->patch.depth;
    cells.pad_h = cells.pad_w = 0;
    b->p = &cells;
    b->first = 0;
    b->end = p->out_w;
    for (int32_t group = 0; group < p->groups; group++) {
        for (int32_t oy = from; oy < to; oy += p->band) {
            cells.out_h = to - oy < p->band ? to - oy : p->band;
            cells.in_h = (cells.out_h - 1) * p->stride_h + (p->kernel_h - 1) * p->dilation_h + 1;
            ek_conv_cells(t, group, oy * p->stride_h - p->pad_h, cells.in_h, cells.in_ch,
                          b->windows);
            for (int32_t place = 0; 4 * place < b->per_group; place++) {
                ek_conv_choose(b, t, group, place);
                b->in = b->windows;
                b->out += oy * p->out_w * p->out_stride;
                ek_conv_direct(b, 0, cells.out_h);
            }
        }
    }
}

static void ek_conv_share(const void *task, int32_t share, int32_t shares)
{
    const ek_conv_task_t *const t = task;
    const ek_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t channels = p->groups == 1 ? p->in_ch : p->in_ch / p->groups;
    const int32_t depth = p->band ? (channels + 3) & ~3 : channels;
    int8_t *const scratch = t->scratch + share * p->share_bytes;
    ek_conv_block_t b; /* field by field: to clear it all first takes as long as a small layer */
    b.p = p;
    b.size = (p->kernel_h * p->kernel_w * depth + 3) & ~3;
    b.patch = (ek_patch_t){p->in_h,       p->in_w,       p->in_ch, p->kernel_h, p->kernel_w,
                           p->dilation_h, p->dilation_w, depth,    p->pad_value};
    b.per_group = p->groups == 1 ? p->out_ch : p->out_ch / p->groups;
    b.blocks = (b.per_group + 3) / 4;
    b.group_bytes = (b.per_group / 4 * 4 + ek_conv_width(b.per_group % 4)) * b.size;
    b.sweep.lanes = (const uint32_t *)(const void *)scratch;
    b.sweep.out_channel = p->out_channel;
    b.sweep.sides = p->sides;
    b.sweep.turn = EK_SWEEP_TURN;
    b.results = scratch + (b.per_group > 2 ? 8 : 4) * b.size;
    b.windows = b.results + (p->sides ? 0 : 16 * EK_CONV_APART);
    ek_conv_columns(&b);
    if (p->band)
        ek_conv_bands(&b, t, share, shares);
    else if (p->windows)
        ek_conv_windows(&b, t, share, shares);
    else
        ek_conv_blocks(&b, t, share, shares);
}

__attribute__((unused)) static void
ek_conv_2d_s8_m0plus(const ek_conv_2d_s8_m0plus_params *p, const int8_t *in, const int8_t *weights,
                     const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                     int8_t *out, void *scratch)
{
    const ek_conv_task_t task = {p, in, weights, bias, multiplier, shift, out, scratch};
    if (p->shares == 1)
        ek_conv_share(&task, 0, 1);
    else
        ek_run_shares(ek_conv_share, &task);
}

#endif
