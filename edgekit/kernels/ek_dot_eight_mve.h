/* ek_dot_eight_mve: sixteen inputs at a time meet the weights of eight outputs.
 *
 * VMLADAVA adds to an even register, and there are eight: more outputs cannot share a load of inputs.
 * The loop is in assembly, as compilers move sums to and fro between even registers and others.
 */
#ifndef EK_DOT_EIGHT_MVE_H
#define EK_DOT_EIGHT_MVE_H

#include "ek_mve.h"

#define EK_MVE_EIGHT 8 /* outputs */

#if EK_HAS_MVE
typedef int8x16_t ek_mve_vector_t;
typedef int32x4_t ek_mve_sums_t;
#else
typedef struct {
    int8_t lane[EK_MVE_BYTES];
} ek_mve_vector_t;
typedef struct {
    int32_t lane[4];
} ek_mve_sums_t;
#endif

/* Sums of outputs 0, 2, 4, 6, and of 1, 3, 5, 7; or of at most four, in their order. */
typedef struct {
    ek_mve_sums_t even, odd;
} ek_mve_eight_t;

EK_INLINE ek_mve_sums_t ek_mve_sums(const int32_t *sum)
{
#if EK_HAS_MVE
    return (int32x4_t){sum[0], sum[1], sum[2], sum[3]};
#else
    return (ek_mve_sums_t){{sum[0], sum[1], sum[2], sum[3]}};
#endif
}

/* `count` inputs, 1 to 16, and zeros. */
EK_INLINE ek_mve_vector_t ek_mve_vector(const int8_t *x, int32_t count)
{
#if EK_HAS_MVE
    return count == EK_MVE_BYTES ? vldrbq_s8(x) : vldrbq_z_s8(x, vctp8q((uint32_t)count));
#else
    ek_mve_vector_t vector = {{0}};
    for (int32_t i = 0; i < count; i++)
        vector.lane[i] = x[i];
    return vector;
#endif
}

EK_INLINE int32_t ek_mve_meet(int32_t sum, ek_mve_vector_t x, const int8_t *w)
{
#if EK_HAS_MVE
    return vmladavaq_s8(sum, x, vldrbq_s8(w));
#else
    for (int32_t i = 0; i < EK_MVE_BYTES; i++)
        sum += x.lane[i] * w[i];
    return sum;
#endif
}

#if EK_HAS_MVE

#define EK_EIGHT_LOAD(into) "vldrb.u8 %q[" into "], [%[w]], #16\n\t"
#define EK_EIGHT_ADD(sum, x, w) "vmladava.s8 " sum ", %q[" x "], %q[" w "]\n\t"

/* A vector of inputs, 16 instructions: weights are loaded one output ahead. */
#define EK_EIGHT_MEET(x)                                                                           \
    EK_EIGHT_LOAD("odd") EK_EIGHT_LOAD("w2")                                                       \
    EK_EIGHT_ADD("r0", x, "odd") EK_EIGHT_LOAD("odd") EK_EIGHT_ADD("r2", x, "w2")                  \
    EK_EIGHT_LOAD("w2") EK_EIGHT_ADD("r4", x, "odd") EK_EIGHT_LOAD("odd")                          \
    EK_EIGHT_ADD("r6", x, "w2") EK_EIGHT_LOAD("w2") EK_EIGHT_ADD("r8", x, "odd")                   \
    EK_EIGHT_LOAD("odd") EK_EIGHT_ADD("r10", x, "w2") EK_EIGHT_LOAD("w2")                          \
    EK_EIGHT_ADD("r12", x, "odd") EK_EIGHT_ADD("lr", x, "w2")

#define EK_EIGHT_0 ""
#define EK_EIGHT_1 "vldrb.u8 %q[even], [%[x]], #16\n\t" EK_EIGHT_MEET("even")
#define EK_EIGHT_2 EK_EIGHT_1 EK_EIGHT_1
#define EK_EIGHT_3 EK_EIGHT_1 EK_EIGHT_2
#define EK_EIGHT_4 EK_EIGHT_2 EK_EIGHT_2
#define EK_EIGHT_5 EK_EIGHT_1 EK_EIGHT_4
#define EK_EIGHT_6 EK_EIGHT_2 EK_EIGHT_4
#define EK_EIGHT_7 EK_EIGHT_3 EK_EIGHT_4
#define EK_EIGHT_LOOP "1:\n\t" EK_EIGHT_4 "subs %[loops], %[loops], #1\n\tbne 1b\n\t"

#define EK_EIGHT_RUN(lines)                                                                        \
    __asm__ volatile("ldmia %[w]!, {r0, r2, r4, r6, r8, r10, r12, lr}\n\t"                         \
                     lines EK_EIGHT_MEET("last")                                                   \
                     "vmov %q[even][2], %q[even][0], r0, r8\n\t"                                   \
                     "vmov %q[even][3], %q[even][1], r4, r12\n\t"                                  \
                     "vmov %q[odd][2], %q[odd][0], r2, r10\n\t"                                    \
                     "vmov %q[odd][3], %q[odd][1], r6, lr"                                         \
                     : [even] "=&w"(sum.even), [odd] "=&w"(sum.odd), [w2] "=&w"(second),           \
                       [x] "+r"(x), [w] "+r"(w), [loops] "+r"(loops)                               \
                     : [last] "w"(last)                                                            \
                     : "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "cc", "memory")

#define EK_EIGHT_CASE(count, lines)                                                                \
    case count:                                                                                    \
        EK_EIGHT_RUN(lines);                                                                       \
        break;

#else

EK_INLINE int32_t *ek_mve_lane(ek_mve_eight_t *sum, int32_t output)
{
    return &(output % 2 ? &sum->odd : &sum->even)->lane[output / 2];
}

#endif

/* Inputs x [before][16], then `last`, for eight outputs. From `at` on, a multiple of four bytes: bias
 * [8] int32, weights [before + 1][8][16] int8; gives what lies behind. */
EK_INLINE const int8_t *ek_mve_dot_eight(const int8_t *x, int32_t before, ek_mve_vector_t last,
                                         const int8_t *at, ek_mve_eight_t *to)
{
    const int8_t *w = at;
    ek_mve_eight_t sum;
#if EK_HAS_MVE
    int8x16_t second;
    int32_t loops = before / 4;
    switch (before < 8 ? before : 8 + before % 4) {
        EK_EIGHT_CASE(0, EK_EIGHT_0)
        EK_EIGHT_CASE(1, EK_EIGHT_1)
        EK_EIGHT_CASE(2, EK_EIGHT_2)
        EK_EIGHT_CASE(3, EK_EIGHT_3)
        EK_EIGHT_CASE(4, EK_EIGHT_4)
        EK_EIGHT_CASE(5, EK_EIGHT_5)
        EK_EIGHT_CASE(6, EK_EIGHT_6)
        EK_EIGHT_CASE(7, EK_EIGHT_7)
        EK_EIGHT_CASE(8, EK_EIGHT_LOOP EK_EIGHT_0)
        EK_EIGHT_CASE(9, EK_EIGHT_LOOP EK_EIGHT_1)
        EK_EIGHT_CASE(10, EK_EIGHT_LOOP EK_EIGHT_2)
    default:
        EK_EIGHT_CASE(11, EK_EIGHT_LOOP EK_EIGHT_3)
    }
#else
    const int32_t *const bias = (const int32_t *)(const void *)at;
    w += EK_MVE_EIGHT * sizeof *bias;
    for (int32_t k = 0; k < EK_MVE_EIGHT; k++)
        *ek_mve_lane(&sum, k) = bias[k];
    for (int32_t i = 0; i <= before; i++, x += EK_MVE_BYTES)
        for (int32_t k = 0; k < EK_MVE_EIGHT; k++, w += EK_MVE_BYTES)
            *ek_mve_lane(&sum, k) = ek_mve_meet(
                *ek_mve_lane(&sum, k), i < before ? ek_mve_vector(x, EK_MVE_BYTES) : last, w);
#endif
    *to = sum;
    return w;
}

EK_INLINE void ek_mve_meet_few(int32_t *sum, ek_mve_vector_t x, const int8_t *w, int32_t count)
{
    sum[0] = ek_mve_meet(sum[0], x, w);
    if (count > 1)
        sum[1] = ek_mve_meet(sum[1], x, w + EK_MVE_BYTES);
    if (count > 2)
        sum[2] = ek_mve_meet(sum[2], x, w + 2 * EK_MVE_BYTES);
    if (count > 3)
        sum[3] = ek_mve_meet(sum[3], x, w + 3 * EK_MVE_BYTES);
}

/* The same for 1 to 4 outputs: bias [4], weights [before + 1][count][16]. */
EK_INLINE const int8_t *ek_mve_dot_few(const int8_t *x, int32_t before, ek_mve_vector_t last,
                                       const int8_t *at, int32_t count, ek_mve_eight_t *to)
{
    int32_t sum[4];
    __builtin_memcpy(sum, at, sizeof sum);
    at += sizeof sum;
    EK_MVE_UNROLLED
    for (int32_t i = 0; i < before; i++, x += EK_MVE_BYTES, at += count * EK_MVE_BYTES)
        ek_mve_meet_few(sum, ek_mve_vector(x, EK_MVE_BYTES), at, count);
#if EK_HAS_MVE
    __asm__("" : "+r"(at)); /* what lies there is near to it, but not to where it began */
#endif
    ek_mve_meet_few(sum, last, at, count);
    to->even = to->odd = ek_mve_sums(sum);
    return at + count * EK_MVE_BYTES;
}

#endif
