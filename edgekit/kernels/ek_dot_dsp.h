/* ek_dot_dsp: sums of products with SMLAD, four channels at once, or two.
 *
 * A quad is four inputs: two pairs (ek_dsp.h). Four channels a, b, c, d are a record in RAM, in the
 * order in which it is read:
 *
 *   bias [4], then per quad the pairs (a b c d) (a b c d), then multiplier [4], right [4]
 *
 * Where there are no more than two, a record has two of each, or one: `width` is 4, 2 or 1.
 */
#ifndef EK_DOT_DSP_H
#define EK_DOT_DSP_H

#include "ek_dsp.h"

typedef struct {
    int32_t a, b, c, d;
} ek_four_t;

EK_INLINE void ek_dsp_widen_word(uint32_t word, uint32_t *pairs)
{
    pairs[0] = ek_dsp_even(word);
    pairs[1] = ek_dsp_odd(word);
}

/* `quads` quads of int8 as pairs; gives where the next ones go. */
EK_INLINE uint32_t *ek_dsp_widen(const int8_t *x, int32_t quads, uint32_t *pairs)
{
    for (int32_t i = 0; i < quads; i++) {
        ek_dsp_widen_word(ek_dsp_load(x + 4 * i), pairs + 2 * i);
    }
    return pairs + 2 * quads;
}

/* The last bytes of a row of weights, 1 to 3 of them, filled up with zeros. */
EK_INLINE uint32_t ek_dsp_load_rest(const int8_t *w, int32_t count)
{
    uint32_t word = 0;
    for (int32_t i = 0; i < count; i++)
        word |= (uint32_t)(uint8_t)w[i] << (8 * i);
    return word;
}

/* Words of such a record, for `size` inputs. */
EK_INLINE int32_t ek_dsp_record_words(int32_t size, int32_t width)
{
    return width * (3 + 2 * ((size + 3) / 4));
}

/* The records of `count` channels of `size` weights each; what is missing of the last is zero. */
EK_INLINE void ek_dsp_records(const int8_t *weights, const int32_t *bias,
                              const int32_t *multiplier, const int8_t *right, int32_t size,
                              int32_t count, int32_t width, uint32_t *to)
{
    const int32_t quads = (size + 3) / 4;
    for (int32_t c = 0; c < (count + width - 1) / width * width; c++) {
        uint32_t *record = to + c / width * ek_dsp_record_words(size, width) + c % width;
        const int8_t *row = weights + c * size;
        const int32_t real = c < count;
        *record = real ? (uint32_t)bias[c] : 0;
        record += width;
        for (int32_t i = 0; i < size / 4; i++) {
            const uint32_t word = real ? ek_dsp_load(row + 4 * i) : 0;
            record[0] = ek_dsp_even(word);
            record[width] = ek_dsp_odd(word);
            record += 2 * width;
        }
        if (quads > size / 4) {
            const uint32_t word = real ? ek_dsp_load_rest(row + size / 4 * 4, size % 4) : 0;
            record[0] = ek_dsp_even(word);
            record[width] = ek_dsp_odd(word);
            record += 2 * width;
        }
        record[0] = real ? (uint32_t)multiplier[c] : 0;
        record[width] = real ? (uint32_t)right[c] : 0;
    }
}

/* Adds a word of inputs times a quad of two channels. */
EK_INLINE ek_four_t ek_dsp_dot_word(ek_four_t sum, uint32_t word, const uint32_t *w)
{
    sum.a = ek_dsp_dot(ek_dsp_even(word), w[0], sum.a);
    sum.b = ek_dsp_dot(ek_dsp_even(word), w[1], sum.b);
    sum.a = ek_dsp_dot(ek_dsp_odd(word), w[2], sum.a);
    sum.b = ek_dsp_dot(ek_dsp_odd(word), w[3], sum.b);
    return sum;
}

/* The sum of the first of four channels, where the others are of no account. */
EK_INLINE ek_four_t ek_dsp_dot_one(const uint32_t *x, const uint32_t **at, int32_t quads)
{
    const uint32_t *w = *at + 4;
    ek_four_t sum = {(int32_t)w[-4], 0, 0, 0};
    for (int32_t i = 0; i < quads; i++) {
        sum.a = ek_dsp_dot(x[2 * i], w[8 * i], sum.a);
        sum.a = ek_dsp_dot(x[2 * i + 1], w[8 * i + 4], sum.a);
    }
    *at = w + 8 * quads;
    return sum;
}

#if EK_HAS_DSP

#define EK_DSP_QUAD                    \
    "ldrd r4, r5, [%[x]], #8       \n" \
    "ldmia %[w]!, {r8, r9, r10, r12} \n" \
    "smlad r0, r4, r8, r0          \n" \
    "smlad r1, r4, r9, r1          \n" \
    "smlad r2, r4, r10, r2         \n" \
    "smlad r3, r4, r12, r3         \n" \
    "ldmia %[w]!, {r8, r9, r10, r12} \n" \
    "smlad r0, r5, r8, r0          \n" \
    "smlad r1, r5, r9, r1          \n" \
    "smlad r2, r5, r10, r2         \n" \
    "smlad r3, r5, r12, r3         \n"

#define EK_DSP_SCRATCHED "r4", "r5", "r8", "r9", "r10", "r12", "memory"

/* `quads` times what QUAD does. */
#define EK_DSP_QUADS(QUAD, OPERANDS)                                                               \
    do {                                                                                           \
        int32_t fours = quads / 4;                                                                 \
        if (quads % 2)                                                                             \
            __asm volatile(QUAD : OPERANDS : : EK_DSP_SCRATCHED);                                  \
        if (quads % 4 / 2)                                                                         \
            __asm volatile(QUAD QUAD : OPERANDS : : EK_DSP_SCRATCHED);                             \
        if (fours == 1)                                                                            \
            __asm volatile(QUAD QUAD QUAD QUAD : OPERANDS : : EK_DSP_SCRATCHED);                   \
        else if (fours > 1)                                                                        \
            __asm volatile("1:\n" QUAD QUAD QUAD QUAD "subs %[fours], #1\n bne 1b\n"               \
                           : OPERANDS, [fours] "+r"(fours)                                         \
                           :                                                                       \
                           : EK_DSP_SCRATCHED, "cc");                                              \
    } while (0)

#define EK_DSP_OPERANDS "+r"(a), "+r"(b), "+r"(c), "+r"(d), [x] "+r"(x), [w] "+r"(record)

/* The four sums of a record; leaves *at behind its weights. LDM is what no compiler forms itself. */
EK_INLINE ek_four_t ek_dsp_dot_four(const uint32_t *x, const uint32_t **at, int32_t quads)
{
    const uint32_t *record = *at;
    register int32_t a __asm("r0");
    register int32_t b __asm("r1");
    register int32_t c __asm("r2");
    register int32_t d __asm("r3");
    __asm volatile("ldmia %[w]!, {r0, r1, r2, r3}"
                   : "=r"(a), "=r"(b), "=r"(c), "=r"(d), [w] "+r"(record)
                   :
                   : "memory");
    EK_DSP_QUADS(EK_DSP_QUAD, EK_DSP_OPERANDS);
    *at = record;
    return (ek_four_t){a, b, c, d};
}

#define EK_DSP_WORD                    \
    "ldr r4, [%[x]], #4            \n" \
    "ldmia %[w]!, {r8, r9, r10, r12} \n" \
    "sxtb16 r5, r4                 \n" \
    "sxtb16 r4, r4, ror #8         \n" \
    "smlad %[a], r5, r8, %[a]      \n" \
    "smlad %[b], r5, r9, %[b]      \n" \
    "smlad %[a], r4, r10, %[a]     \n" \
    "smlad %[b], r4, r12, %[b]     \n"
#define EK_DSP_TWO [a] "+r"(sum.a), [b] "+r"(sum.b), [x] "+r"(x), [w] "+r"(w)

/* Adds `quads` quads of inputs, as they are, times the weights at *at of two channels, and leaves it
 * behind those. Inputs that no other channel meets are not worth keeping as pairs. */
EK_INLINE ek_four_t ek_dsp_dot_words(ek_four_t sum, const int8_t *x, const uint32_t **at,
                                     int32_t quads)
{
    const uint32_t *w = *at;
    EK_DSP_QUADS(EK_DSP_WORD, EK_DSP_TWO);
    *at = w;
    return sum;
}

#define EK_DSP_PAIRS                                                                               \
    "ldrd r4, r5, [%[x]], #8\n ldrd r8, r9, [%[w]], #8\n"                                          \
    "smlad %[sum], r4, r8, %[sum]\n smlad %[sum], r5, r9, %[sum]\n"
#define EK_DSP_PAIRS_OPERANDS [sum] "+r"(sum), [x] "+r"(x), [w] "+r"(w)

/* Adds `quads` quads of inputs times the pairs at w of one channel. */
EK_INLINE int32_t ek_dsp_dot_pairs(int32_t sum, const uint32_t *x, const uint32_t *w, int32_t quads)
{
    EK_DSP_QUADS(EK_DSP_PAIRS, EK_DSP_PAIRS_OPERANDS);
    return sum;
}

/* A word of inputs times a quad of one channel. */
#define EK_DSP_ALONE(word, even, odd)                                                              \
    "sxtb16 r12, " word "\n sxtb16 " word ", " word ", ror #8\n"                                   \
    "smlad %[sum], r12, " even ", %[sum]\n smlad %[sum], " word ", " odd ", %[sum]\n"

#else

EK_INLINE ek_four_t ek_dsp_dot_words(ek_four_t sum, const int8_t *x, const uint32_t **at,
                                     int32_t quads)
{
    for (int32_t i = 0; i < quads; i++, *at += 4)
        sum = ek_dsp_dot_word(sum, ek_dsp_load(x + 4 * i), *at);
    return sum;
}

EK_INLINE int32_t ek_dsp_dot_pairs(int32_t sum, const uint32_t *x, const uint32_t *w, int32_t quads)
{
    for (int32_t i = 0; i < 2 * quads; i++)
        sum = ek_dsp_dot(x[i], w[i], sum);
    return sum;
}

EK_INLINE ek_four_t ek_dsp_dot_four(const uint32_t *x, const uint32_t **at, int32_t quads)
{
    const uint32_t *w = *at + 4;
    ek_four_t sum = {(int32_t)w[-4], (int32_t)w[-3], (int32_t)w[-2], (int32_t)w[-1]};
    for (int32_t i = 0; i < 2 * quads; i++) {
        sum.a = ek_dsp_dot(x[i], w[4 * i], sum.a);
        sum.b = ek_dsp_dot(x[i], w[4 * i + 1], sum.b);
        sum.c = ek_dsp_dot(x[i], w[4 * i + 2], sum.c);
        sum.d = ek_dsp_dot(x[i], w[4 * i + 3], sum.d);
    }
    *at = w + 8 * quads;
    return sum;
}

#endif

/* The same for `count` inputs. */
EK_INLINE ek_four_t ek_dsp_dot_two(ek_four_t sum, const int8_t *x, const uint32_t **at,
                                   int32_t count)
{
    sum = ek_dsp_dot_words(sum, x, at, count / 4);
    if (count % 4) {
        sum = ek_dsp_dot_word(sum, ek_dsp_load_rest(x + count / 4 * 4, count % 4), *at);
        *at += 4;
    }
    return sum;
}

/* Adds `count` inputs times the pairs at w of one channel. */
EK_INLINE int32_t ek_dsp_dot_alone(int32_t sum, const int8_t *x, const uint32_t *w, int32_t count)
{
    int32_t quads = count / 4;
#if EK_HAS_DSP
    int32_t fours = (uintptr_t)x % 4 == 0 ? quads / 4 : 0; /* LDM takes whole words only */
    quads -= 4 * fours;
    if (fours)
        __asm volatile("1: ldmia %[x]!, {r4, r5, r8, r9}\n"
                       "ldmia %[w]!, {r0, r1, r2, r3}\n" EK_DSP_ALONE("r4", "r0", "r1")
                       EK_DSP_ALONE("r5", "r2", "r3")
                       "ldmia %[w]!, {r0, r1, r2, r3}\n" EK_DSP_ALONE("r8", "r0", "r1")
                       EK_DSP_ALONE("r9", "r2", "r3") "subs %[fours], #1\n bne 1b\n"
                       : [sum] "+r"(sum), [x] "+r"(x), [w] "+r"(w), [fours] "+r"(fours)
                       :
                       : "r0", "r1", "r2", "r3", "r4", "r5", "r8", "r9", "r12", "memory", "cc");
#endif
    for (; quads > 0; quads--, x += 4, w += 2) {
        const uint32_t word = ek_dsp_load(x);
        sum = ek_dsp_dot(ek_dsp_odd(word), w[1], ek_dsp_dot(ek_dsp_even(word), w[0], sum));
    }
    if (count % 4) {
        const uint32_t word = ek_dsp_load_rest(x, count % 4);
        sum = ek_dsp_dot(ek_dsp_odd(word), w[1], ek_dsp_dot(ek_dsp_even(word), w[0], sum));
    }
    return sum;
}

#endif
