/* ek_conv_2d_s8_m0plus: ek_conv_2d_s8 for Armv6-M, four output channels at a time.
 *
 *   in, out     as there
 *   weights     [blocks][size][4] int8: a block is four output channels of one group, the last of a
 *               group filled up with zeros; size is kernel_h * kernel_w * in_ch / groups, rounded
 *               up to 4. Four bytes are channels 0, 2, 1, 3, each with its top bit turned.
 *   bias        sides 1, 2: [blocks][4][5 or 7] factors of ek_sweep_m0plus.h; else [blocks][4], with
 *               -in_zero_point * sum(weights) folded in
 *   multiplier  sides 1, 2: null; else [blocks][4] int32, Q31
 *   shift       [blocks] int8: the run of each block (ek_sweep_m0plus.h), then, where sides is 0,
 *               [blocks][4] shifts
 *
 * Rounding   ek_requantize.h; the factors give the same bytes.
 * Alignment  in, weights and scratch at multiples of 4 bytes.
 * Padding    counts as pad_value, the input's zero point, which is a real 0.
 * Requires   as there; windows 0 only where depth is a multiple of 4, and the kernel is 1 x 1 or
 *            has one group and dilation_w 1.
 * Aliasing   in and out must not overlap.
 * Scratch    for each of `shares`: lanes [size][2] uint32, results [16][4] int32 if `apart`, windows
 *            [max(windows, 1)][size] int8. Allocates: never.  Fails: never.
 *
 * Where windows is 0, those inside of the image are read where they lie, and only those that stick
 * out of it are copied. Else all are copied first, so many at a time. Two cores share the blocks, or
 * the windows where they are copied; of an odd number of blocks each takes half of the rows of one.
 */
#ifndef EK_CONV_2D_S8_M0PLUS_H
#define EK_CONV_2D_S8_M0PLUS_H

#include "ek_cores.h"
#include "ek_patch_m0plus.h"
#include "ek_sweep_m0plus.h"

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
    int32_t sides;     /* of the lines that `bias` has factors of, 1 or 2; 0: it has none */
    int32_t apart;     /* 1: outputs are not four bytes at a time */
    int32_t shares;    /* cores, 1 or 2 */
    int32_t share_bytes; /* of scratch memory, for each */
} ek_conv_2d_s8_m0plus_params;

#define EK_CONV_APART 16 /* windows whose results wait in scratch memory */

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
    int32_t channels;    /* 1..4 */
    const int8_t *in; /* at the group's channels */
    int8_t *out;      /* at the first channel of the first pixel */
    int8_t *results, *windows;
} ek_conv_block_t;

/* From bytes to lanes, `size` of them, a multiple of 4. */
#if defined(__ARM_ARCH_6M__)
/* r0 lanes, r1 weights, r2 middle, r3 bytes, r12 end of the weights */
__attribute__((naked, noinline)) static void
ek_conv_unpack(__attribute__((unused)) uint32_t *lanes,
               __attribute__((unused)) const int8_t *weights, __attribute__((unused)) int32_t size)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r7, lr}\n lsls r2, r2, #2\n adds r2, r2, r1\n mov r12, r2\n"
        "movs r2, #128\n lsls r4, r2, #16\n orrs r2, r4\n"
        "movs r3, #255\n lsls r4, r3, #16\n orrs r3, r4\n"
        "1: ldmia r1!, {r4, r6}\n lsrs r5, r4, #8\n lsrs r7, r6, #8\n"
        "ands r4, r3\n ands r5, r3\n ands r6, r3\n ands r7, r3\n"
        "subs r4, r4, r2\n subs r5, r5, r2\n subs r6, r6, r2\n subs r7, r7, r2\n"
        "stmia r0!, {r4-r7}\n cmp r1, r12\n bne 1b\n"
        "pop {r4-r7, pc}\n");
}
#else
static inline void ek_conv_unpack(uint32_t *lanes, const int8_t *weights, int32_t size)
{
    const uint32_t bytes = 0x00FF00FFu, middle = 0x00800080u;
    for (int32_t i = 0; i < size; i++) {
        uint32_t four;
        __builtin_memcpy(&four, __builtin_assume_aligned(weights + 4 * i, 4), sizeof four);
        lanes[2 * i] = (four & bytes) - middle;
        lanes[2 * i + 1] = ((four >> 8) & bytes) - middle;
    }
}
#endif

/* Results that waited: int8, or sums that are still to be requantized. */
static inline void ek_conv_store(const ek_conv_block_t *b, int8_t *out, int32_t count)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    for (int32_t c = 0; c < b->channels; c++) {
        int8_t *to = out + c * p->out_channel;
        if (p->sides == 1) {
            for (int32_t i = 0; i < count; i++, to += p->out_stride)
                *to = b->results[4 * i + c];
            continue;
        }
        if (p->sides == 2) {
            const uint32_t *const f = (const uint32_t *)b->bias + EK_BENT_FACTORS * c;
            const uint32_t factors[EK_BENT_FACTORS] = {f[0], f[1], f[2], f[3], f[4], f[5], f[6]};
            const int8_t *sum = b->results + 4 * c;
            for (int32_t i = 0; i < count; i++, to += p->out_stride, sum += 16)
                *to = ek_shorten_bent(*(const int32_t *)(const void *)sum, factors);
            continue;
        }
        const ek_requantize_t factor = {b->multiplier[c], b->shift[c]};
        for (int32_t i = 0; i < count; i++, to += p->out_stride) {
            int32_t sum;
            __builtin_memcpy(&sum, __builtin_assume_aligned(b->results + 16 * i + 4 * c, 4), 4);
            *to = ek_requantize_s8(sum + b->bias[c], factor, p->output_offset, p->output_min,
                                   p->output_max, p->small);
        }
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
    if (!p->apart) {
        b->sweep.in = in;
        b->sweep.out = out;
        b->sweep.out_step = p->out_stride;
        b->sweep.out_end = out + count * p->out_stride;
        ek_sweep_s8(&b->sweep);
        return;
    }
    b->sweep.out_step = 4;
    while (count > 0) {
        const int32_t now = count < EK_CONV_APART ? count : EK_CONV_APART;
        b->sweep.in = in;
        b->sweep.out = b->results;
        b->sweep.out_end = b->results + now * (p->sides == 1 ? 4 : 16);
        ek_sweep_s8(&b->sweep);
        ek_conv_store(b, out, now);
        in += now * in_step;
        out += now * p->out_stride;
        count -= now;
    }
}

/* How the lanes are cut into rows. */
static inline void ek_conv_rows(ek_conv_block_t *b, int32_t row, int32_t gap)
{
    b->sweep.row_lanes = 8 * row;
    b->sweep.row_end = b->sweep.lanes + 2 * row;
    b->sweep.lanes_end = b->sweep.lanes + 2 * b->size;
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
    ek_conv_rows(b, b->size, 0);
    for (int32_t ox = from; ox < to; ox++) {
        ek_conv_copied(b, oy, ox, 1);
        ek_conv_run(b, b->windows, b->size, oy * b->p->out_w + ox, 1);
    }
}

/* Rows `from` to `to` of a block where windows inside of the image are read where they lie. */
static inline void ek_conv_direct(ek_conv_block_t *b, int32_t from, int32_t to)
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

/* Unpacks the block at `place` of a group, number `group * blocks + place` of all. */
static inline void ek_conv_choose(ek_conv_block_t *b, const ek_conv_task_t *t, int32_t group,
                                  int32_t place)
{
    const ek_conv_2d_s8_m0plus_params *const p = b->p;
    const int32_t blocks = (b->per_group + 3) / 4, number = group * blocks + place;
    uint32_t *const lanes = (uint32_t *)(uintptr_t)b->sweep.lanes;
    ek_conv_unpack(lanes, t->weights + number * b->size * 4, b->size);
    b->sweep.run = t->shift[number];
    b->sweep.factors = p->sides == 1 ? (const uint32_t *)t->bias + number * 4 * EK_FACTORS : 0;
    b->bias = t->bias + number * 4 * (p->sides == 2 ? EK_BENT_FACTORS : 1);
    b->multiplier = p->sides == 0 ? t->multiplier + 4 * number : 0;
    b->shift = p->sides == 0 ? t->shift + blocks * p->groups + 4 * number : 0;
    b->channels = b->per_group - 4 * place < 4 ? b->per_group - 4 * place : 4;
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
    const int32_t half = p->out_h / 2, all = p->groups * ((b->per_group + 3) / 4);
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

static void ek_conv_share(const void *task, int32_t share, int32_t shares)
{
    const ek_conv_task_t *const t = task;
    const ek_conv_2d_s8_m0plus_params *const p = t->p;
    const int32_t depth = p->groups == 1 ? p->in_ch : p->in_ch / p->groups;
    int8_t *const scratch = t->scratch + share * p->share_bytes;
    ek_conv_block_t b = {.p = p, .size = (p->kernel_h * p->kernel_w * depth + 3) & ~3};
    b.patch = (ek_patch_t){p->in_h,       p->in_w,       p->in_ch, p->kernel_h, p->kernel_w,
                           p->dilation_h, p->dilation_w, depth,    p->pad_value};
    b.per_group = p->groups == 1 ? p->out_ch : p->out_ch / p->groups;
    b.sweep.lanes = (const uint32_t *)(const void *)scratch;
    b.results = scratch + 8 * b.size;
    b.windows = b.results + (p->apart ? 16 * EK_CONV_APART : 0);
    ek_conv_columns(&b);
    if (p->windows)
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
