/* ek_fully_connected_s8_twins_dsp: ek_fully_connected_s8 for cores with SMLAD, whose weights are
 * unpacked by half.
 *
 * Two outputs a and b are twins: their weights for one input lie side by side, a's in the low byte,
 * as the int16 a + 256 * b. A word of flash is two such int16, for two inputs. SMLAD takes it as it
 * is, for the sum of (a + 256 * b) * x, and once more as SXTB16 leaves it, for the sum of a * x; the
 * difference is 256 times the sum of b * x. All sums are modulo 2^32, so what matters is that this
 * one is between -2^23 and 2^23 - 1: after `run` quads at most it is taken out.
 *
 * Layouts, rounding, requirements and aliasing are those of ek_fully_connected_s8.h, except:
 *
 *   weights  int8, at a multiple of 4 bytes; inputs are filled up to quads of 4 with zeros:
 *            for each four outputs abcd [quads][16]: a0 b0 a2 b2, c0 d0 c2 d2, a1 b1 a3 b3, c1 d1 c3 d3
 *            (a0 is a's weight for the quad's input 0);
 *            for two that are left [quads][8]: a0 b0 a2 b2, a1 b1 a3 b3; for one that is left
 *            [quads][4]. Where a < 0, b is stored less 1, so that the int16 is a + 256 * b.
 *   right    [out_ch] or [1]  int8, what ek_requantize_dsp.h wants; in the place of shift
 *
 * Requires   no b is -128 where a < 0; no sum of `run` quads leaves -2^23..2^23 - 1;
 *            prepared 0 only where in_ch is a multiple of 4.
 * Scratch    if `prepared`, at a multiple of 4 bytes: a row of the input as pairs (ek_dsp.h), 8 bytes
 *            for each quad.  Allocates: never.  Fails: never (ops/variants/dsp.py checks).
 */
#ifndef EK_FULLY_CONNECTED_S8_TWINS_DSP_H
#define EK_FULLY_CONNECTED_S8_TWINS_DSP_H

#include "ek_dot_dsp.h"
#include "ek_requantize_dsp.h"

typedef struct {
    int32_t rows, in_ch, out_ch;
    int32_t per_channel; /* 0 or 1 */
    int32_t output_offset;
    int32_t output_min, output_max;
    int32_t small;
    int32_t run;         /* quads */
    int32_t prepared;    /* 1: inputs are unpacked once for all outputs; 0: where they are met */
    int32_t share_bytes; /* of scratch memory, for each core; 0: there is one */
} ek_fully_connected_s8_twins_dsp_params;

/* What is still to be read, and the running sums: of a and of its twin's words, then of c and of
 * its twin's. */
typedef struct {
    const void *x; /* pairs, or int8 */
    const int8_t *w;
    int32_t a, ab, c, cd;
} ek_twins_t;

#if EK_HAS_DSP

/* r4 and r5: the two pairs of a quad of inputs. */
#define EK_TWINS_PAIRS "ldrd r4, r5, [%[x]], #8\n"
#define EK_TWINS_BYTES "ldr r5, [%[x]], #4\n sxtb16 r4, r5\n sxtb16 r5, r5, ror #8\n"
#define EK_TWINS_ADD(x, word, each, both)                                                          \
    "smlad " both ", " x ", " word ", " both "\n sxtb16 " word ", " word "\n"                      \
    "smlad " each ", " x ", " word ", " each "\n"
#define EK_TWINS_FOUR(inputs)                                                                      \
    inputs "ldmia %[w]!, {r8, r9, r10, r12}\n"                                                     \
    EK_TWINS_ADD("r4", "r8", "%[a]", "%[ab]") EK_TWINS_ADD("r4", "r9", "%[c]", "%[cd]")            \
    EK_TWINS_ADD("r5", "r10", "%[a]", "%[ab]") EK_TWINS_ADD("r5", "r12", "%[c]", "%[cd]")
#define EK_TWINS_TWO(inputs, even, odd)                                                            \
    inputs EK_TWINS_ADD("r4", even, "%[a]", "%[ab]") EK_TWINS_ADD("r5", odd, "%[a]", "%[ab]")
/* Without a twin, ab is free. */
#define EK_TWINS_ONE(inputs, word)                                                                 \
    inputs "sxtb16 %[ab], " word "\n sxtb16 " word ", " word ", ror #8\n"                          \
    "smlad %[a], r4, %[ab], %[a]\n smlad %[a], r5, " word ", %[a]\n"
#define EK_TWINS_READ(words) "ldmia %[w]!, {" words "}\n"

/* So many quads for 4, 2 or 1 outputs. */
#define EK_TWINS_FOUR_1(inputs) EK_TWINS_FOUR(inputs)
#define EK_TWINS_FOUR_2(inputs) EK_TWINS_FOUR(inputs) EK_TWINS_FOUR(inputs)
#define EK_TWINS_FOUR_4(inputs) EK_TWINS_FOUR_2(inputs) EK_TWINS_FOUR_2(inputs)
#define EK_TWINS_TWO_1(inputs) EK_TWINS_READ("r8, r9") EK_TWINS_TWO(inputs, "r8", "r9")
#define EK_TWINS_TWO_2(inputs)                                                                     \
    EK_TWINS_READ("r8, r9, r10, r12")                                                              \
    EK_TWINS_TWO(inputs, "r8", "r9") EK_TWINS_TWO(inputs, "r10", "r12")
#define EK_TWINS_TWO_4(inputs) EK_TWINS_TWO_2(inputs) EK_TWINS_TWO_2(inputs)
#define EK_TWINS_ONE_1(inputs) EK_TWINS_READ("r8") EK_TWINS_ONE(inputs, "r8")
#define EK_TWINS_ONE_2(inputs)                                                                     \
    EK_TWINS_READ("r8, r9") EK_TWINS_ONE(inputs, "r8") EK_TWINS_ONE(inputs, "r9")
#define EK_TWINS_ONE_4(inputs)                                                                     \
    EK_TWINS_READ("r8, r9, r10, r12") EK_TWINS_ONE(inputs, "r8") EK_TWINS_ONE(inputs, "r9")        \
    EK_TWINS_ONE(inputs, "r10") EK_TWINS_ONE(inputs, "r12")

#define EK_TWINS_OPERANDS                                                                          \
    [x] "+r"(t->x), [w] "+r"(t->w), [a] "+r"(t->a), [ab] "+r"(t->ab), [c] "+r"(t->c),              \
        [cd] "+r"(t->cd)

/* A function that adds so many quads; LDM and LDRD are what no compiler forms itself. */
#define EK_TWINS_SUMS(name, QUADS, inputs)                                                         \
    EK_INLINE void name(ek_twins_t *t, int32_t quads)                                              \
    {                                                                                              \
        int32_t fours = quads / 4;                                                                 \
        if (quads % 2)                                                                             \
            __asm volatile(QUADS##_1(inputs) : EK_TWINS_OPERANDS : : EK_DSP_SCRATCHED);            \
        if (quads % 4 / 2)                                                                         \
            __asm volatile(QUADS##_2(inputs) : EK_TWINS_OPERANDS : : EK_DSP_SCRATCHED);            \
        if (fours)                                                                                 \
            __asm volatile("1:\n" QUADS##_4(inputs) "subs %[fours], #1\n bne 1b\n"                \
                           : EK_TWINS_OPERANDS, [fours] "+r"(fours)                                \
                           :                                                                       \
                           : EK_DSP_SCRATCHED, "cc");                                              \
    }
EK_TWINS_SUMS(ek_twins_four_pairs, EK_TWINS_FOUR, EK_TWINS_PAIRS)
EK_TWINS_SUMS(ek_twins_four_bytes, EK_TWINS_FOUR, EK_TWINS_BYTES)
EK_TWINS_SUMS(ek_twins_two_pairs, EK_TWINS_TWO, EK_TWINS_PAIRS)
EK_TWINS_SUMS(ek_twins_two_bytes, EK_TWINS_TWO, EK_TWINS_BYTES)
EK_TWINS_SUMS(ek_twins_one_pairs, EK_TWINS_ONE, EK_TWINS_PAIRS)
EK_TWINS_SUMS(ek_twins_one_bytes, EK_TWINS_ONE, EK_TWINS_BYTES)

#else

/* SMLAD adds modulo 2^32; ek_dsp_dot in C must not overflow. */
EK_INLINE int32_t ek_twins_dot(uint32_t x, uint32_t w, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)ek_dsp_dot(x, w, 0));
}

EK_INLINE void ek_twins_add(uint32_t x, uint32_t word, int32_t *each, int32_t *both)
{
    *both = ek_twins_dot(x, word, *both);
    *each = ek_twins_dot(x, ek_dsp_even(word), *each);
}

/* The next quad of inputs. */
EK_INLINE void ek_twins_inputs(ek_twins_t *t, int prepared, uint32_t *pairs)
{
    if (prepared)
        __builtin_memcpy(pairs, t->x, 8);
    else
        ek_dsp_widen_word(ek_dsp_load(t->x), pairs);
    t->x = (const int8_t *)t->x + (prepared ? 8 : 4);
}

EK_INLINE void ek_twins_sums(ek_twins_t *t, int32_t quads, int prepared, int32_t outputs)
{
    for (int32_t i = 0; i < quads; i++, t->w += 4 * outputs) {
        uint32_t x[2];
        ek_twins_inputs(t, prepared, x);
        if (outputs == 1) {
            const uint32_t word = ek_dsp_load(t->w);
            t->a = ek_twins_dot(x[0], ek_dsp_even(word), t->a);
            t->a = ek_twins_dot(x[1], ek_dsp_odd(word), t->a);
            continue;
        }
        ek_twins_add(x[0], ek_dsp_load(t->w), &t->a, &t->ab);
        ek_twins_add(x[1], ek_dsp_load(t->w + 2 * outputs), &t->a, &t->ab);
        if (outputs == 4) {
            ek_twins_add(x[0], ek_dsp_load(t->w + 4), &t->c, &t->cd);
            ek_twins_add(x[1], ek_dsp_load(t->w + 12), &t->c, &t->cd);
        }
    }
}
#define EK_TWINS_SUMS(name, prepared, outputs)                                                     \
    EK_INLINE void name(ek_twins_t *t, int32_t quads)                                              \
    {                                                                                              \
        ek_twins_sums(t, quads, prepared, outputs);                                                \
    }
EK_TWINS_SUMS(ek_twins_four_pairs, 1, 4)
EK_TWINS_SUMS(ek_twins_four_bytes, 0, 4)
EK_TWINS_SUMS(ek_twins_two_pairs, 1, 2)
EK_TWINS_SUMS(ek_twins_two_bytes, 0, 2)
EK_TWINS_SUMS(ek_twins_one_pairs, 1, 1)
EK_TWINS_SUMS(ek_twins_one_bytes, 0, 1)

#endif

/* The twin's sum, out of the sums of words and of the other's. */
EK_INLINE int32_t ek_twins_other(int32_t both, int32_t each)
{
    return (int32_t)((uint32_t)both - (uint32_t)each) >> 8;
}

EK_INLINE int32_t ek_twins_least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* The sums of the next 1, 2 or 4 outputs for one row of inputs; leaves t->w behind their weights. */
EK_INLINE ek_four_t ek_twins_dot_products(const ek_fully_connected_s8_twins_dsp_params *p,
                                          ek_twins_t *t, int32_t outputs, const int32_t *bias)
{
    ek_four_t sum = {0, 0, 0, 0};
    for (int32_t left = (p->in_ch + 3) / 4; left > 0; left -= p->run) {
        const int32_t quads = ek_twins_least(left, p->run);
        t->a = t->ab = t->c = t->cd = 0;
        if (outputs == 4 && p->prepared)
            ek_twins_four_pairs(t, quads);
        else if (outputs == 4)
            ek_twins_four_bytes(t, quads);
        else if (outputs == 2 && p->prepared)
            ek_twins_two_pairs(t, quads);
        else if (outputs == 2)
            ek_twins_two_bytes(t, quads);
        else if (p->prepared)
            ek_twins_one_pairs(t, quads);
        else
            ek_twins_one_bytes(t, quads);
        sum.a += t->a;
        if (outputs > 1)
            sum.b += ek_twins_other(t->ab, t->a);
        if (outputs > 2) {
            sum.c += t->c;
            sum.d += ek_twins_other(t->cd, t->c);
        }
    }
    sum.a += bias[0];
    if (outputs > 1)
        sum.b += bias[1];
    if (outputs > 2) {
        sum.c += bias[2];
        sum.d += bias[3];
    }
    return sum;
}

/* All that the kernel is called with. */
typedef struct {
    const ek_fully_connected_s8_twins_dsp_params *p;
    const int32_t *bias, *multiplier;
    const int8_t *right;
    const void *x; /* of one row */
    int8_t *out;
} ek_twins_row_t;

/* 1, 2 or 4 outputs of one row, from c on; gives where the weights of the next ones are. */
EK_INLINE const int8_t *ek_twins_outputs(const ek_twins_row_t *row, int32_t outputs, int32_t c,
                                         const int8_t *weights)
{
    const ek_fully_connected_s8_twins_dsp_params *const p = row->p;
    const ek_requantize_dsp_params by = {p->output_offset, p->output_min, p->output_max, p->small};
    const int32_t each = p->per_channel;
    const int32_t *const m = row->multiplier + each * c;
    const int8_t *const r = row->right + each * c;
    int8_t *const out = row->out + c;
    ek_twins_t t = {.x = row->x, .w = weights};
    const ek_four_t sum = ek_twins_dot_products(p, &t, outputs, row->bias + c);
    out[0] = ek_requantize_dsp_s8(by, sum.a, m[0], r[0]);
    if (outputs > 1)
        out[1] = ek_requantize_dsp_s8(by, sum.b, m[each], r[each]);
    if (outputs > 2) {
        out[2] = ek_requantize_dsp_s8(by, sum.c, m[2 * each], r[2 * each]);
        out[3] = ek_requantize_dsp_s8(by, sum.d, m[3 * each], r[3 * each]);
    }
    return t.w;
}

/* A row of the input as pairs. */
EK_INLINE void ek_twins_prepare(const int8_t *in, int32_t size, uint32_t *pairs)
{
    const int8_t *const end = in + size;
#if EK_HAS_DSP
    if (size >= 16)
        __asm volatile("1: ldr r1, [%[in]], #4\n ldr r3, [%[in]], #4\n"
                       "ldr r5, [%[in]], #4\n ldr r9, [%[in]], #4\n"
                       "sxtb16 r0, r1\n sxtb16 r1, r1, ror #8\n"
                       "sxtb16 r2, r3\n sxtb16 r3, r3, ror #8\n"
                       "sxtb16 r4, r5\n sxtb16 r5, r5, ror #8\n"
                       "sxtb16 r8, r9\n sxtb16 r9, r9, ror #8\n"
                       "stmia %[pairs]!, {r0, r1, r2, r3, r4, r5, r8, r9}\n"
                       "cmp %[in], %[last]\n bls 1b\n"
                       : [in] "+r"(in), [pairs] "+r"(pairs)
                       : [last] "r"(end - 16)
                       : "r0", "r1", "r2", "r3", "r4", "r5", "r8", "r9", "memory", "cc");
#endif
    for (; end - in >= 4; in += 4, pairs += 2)
        ek_dsp_widen_word(ek_dsp_load(in), pairs);
    if (in != end)
        ek_dsp_widen_word(ek_dsp_load_rest(in, (int32_t)(end - in)), pairs);
}

/* Share `share` of `shares`: some of the outputs of each row, whole fours but for the last. */
EK_INLINE void ek_fully_connected_s8_twins_dsp_share(
    const ek_fully_connected_s8_twins_dsp_params *p, const int8_t *in, const int8_t *weights,
    const int32_t *bias, const int32_t *multiplier, const int8_t *right, int8_t *out,
    void *scratch, int32_t share, int32_t shares)
{
    const int32_t fours = p->out_ch / 4, quads = (p->in_ch + 3) / 4;
    const int32_t first = share * fours / shares, end = (share + 1) * fours / shares;
    uint32_t *const pairs =
        p->prepared ? (uint32_t *)scratch + share * p->share_bytes / 4 : 0;
    for (int32_t i = 0; i < p->rows; i++) {
        const int8_t *const x = in + i * p->in_ch, *w = weights + 16 * first * quads;
        const ek_twins_row_t row = {
            p, bias, multiplier, right, p->prepared ? (const void *)pairs : (const void *)x,
            out + i * p->out_ch};
        if (p->prepared)
            ek_twins_prepare(x, p->in_ch, pairs);
        for (int32_t c = first; c < end; c++)
            w = ek_twins_outputs(&row, 4, 4 * c, w);
        if (share + 1 == shares && p->out_ch % 4 / 2)
            w = ek_twins_outputs(&row, 2, 4 * fours, w);
        if (share + 1 == shares && p->out_ch % 2)
            ek_twins_outputs(&row, 1, p->out_ch - 1, w);
    }
}

EK_INLINE void ek_fully_connected_s8_twins_dsp(const ek_fully_connected_s8_twins_dsp_params *p,
                                               const int8_t *in, const int8_t *weights,
                                               const int32_t *bias, const int32_t *multiplier,
                                               const int8_t *right, int8_t *out, void *scratch)
{
    ek_fully_connected_s8_twins_dsp_share(p, in, weights, bias, multiplier, right, out, scratch, 0,
                                          1);
}

#endif
