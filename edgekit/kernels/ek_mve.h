/* ek_mve: what kernels need of the vector extension of Armv8.1-M (Cortex-M55), and the same in C.
 *
 * Each function has plain C beside the vector code that gives the same result: kernels built of
 * these run, and are tested, everywhere.
 */
#ifndef EK_MVE_H
#define EK_MVE_H

#include <stdint.h>

#include "ek_compiler.h"
#include "ek_requantize.h"

#if defined(__ARM_FEATURE_MVE) && __ARM_FEATURE_MVE
#define EK_HAS_MVE 1
#include <arm_mve.h>
#else
#define EK_HAS_MVE 0
#endif

#define EK_MVE_BYTES 16 /* in a vector */

/* Before a loop that is not to be unrolled, or only a little. */
#if defined(__clang__)
#define EK_MVE_ROLLED _Pragma("clang loop unroll(disable)")
#define EK_MVE_UNROLLED _Pragma("clang loop unroll_count(5)")
#else
#define EK_MVE_ROLLED
#define EK_MVE_UNROLLED
#endif

typedef struct {
    int32_t a, b, c, d;
} ek_mve_four_t;

typedef struct {
    int32_t offset, low, high;
    int32_t small; /* ek_requantize.h: the short path is exact */
} ek_mve_output_t;

/* Vectors that `count` bytes fill, the last one perhaps not quite. */
EK_INLINE int32_t ek_mve_vectors(int32_t count)
{
    return (count + EK_MVE_BYTES - 1) / EK_MVE_BYTES;
}

#if EK_HAS_MVE
EK_INLINE ek_mve_four_t ek_mve_dot_vector(ek_mve_four_t sum, int8x16_t values, const int8_t *w)
{
    sum.a = vmladavaq_s8(sum.a, values, vldrbq_s8(w));
    sum.b = vmladavaq_s8(sum.b, values, vldrbq_s8(w + 16));
    sum.c = vmladavaq_s8(sum.c, values, vldrbq_s8(w + 32));
    sum.d = vmladavaq_s8(sum.d, values, vldrbq_s8(w + 48));
    return sum;
}
#endif

/* Adds x [count] times the weights of four channels, [ek_mve_vectors(count)][4][16] int8, those past
 * the last x zero. Compilers keep all of an `x` that they know the place of, and its addresses, in
 * registers: where there are not enough of them a loop is quicker.
 */
EK_INLINE ek_mve_four_t ek_mve_dot_four(ek_mve_four_t sum, const int8_t *x, const int8_t *w,
                                        int32_t count, int32_t known_place)
{
#if EK_HAS_MVE
    const int32_t whole = count / EK_MVE_BYTES;
    if (!known_place || whole < 8) {
        for (int32_t i = 0; i < whole; i++, x += EK_MVE_BYTES, w += 4 * EK_MVE_BYTES)
            sum = ek_mve_dot_vector(sum, vldrbq_s8(x), w);
    } else {
        EK_MVE_ROLLED
        for (int32_t i = 0; i < whole; i++, x += EK_MVE_BYTES, w += 4 * EK_MVE_BYTES)
            sum = ek_mve_dot_vector(sum, vldrbq_s8(x), w);
    }
    if (count % EK_MVE_BYTES)
        sum = ek_mve_dot_vector(
            sum, vldrbq_z_s8(x, vctp8q((uint32_t)(count % EK_MVE_BYTES))), w);
#else
    (void)known_place;
    for (int32_t i = 0; i < count; i++) {
        const int8_t *four = w + i / EK_MVE_BYTES * 4 * EK_MVE_BYTES + i % EK_MVE_BYTES;
        sum.a += x[i] * four[0];
        sum.b += x[i] * four[16];
        sum.c += x[i] * four[32];
        sum.d += x[i] * four[48];
    }
#endif
    return sum;
}

/* The same of the first channel only. */
EK_INLINE ek_mve_four_t ek_mve_dot_one(ek_mve_four_t sum, const int8_t *x, const int8_t *w,
                                       int32_t count)
{
#if EK_HAS_MVE
    for (int32_t i = 0; i < count / EK_MVE_BYTES; i++) {
        sum.a = vmladavaq_s8(sum.a, vldrbq_s8(x), vldrbq_s8(w));
        x += EK_MVE_BYTES;
        w += 4 * EK_MVE_BYTES;
    }
    if (count % EK_MVE_BYTES)
        sum.a = vmladavaq_s8(
            sum.a, vldrbq_z_s8(x, vctp8q((uint32_t)(count % EK_MVE_BYTES))), vldrbq_s8(w));
#else
    for (int32_t i = 0; i < count; i++)
        sum.a += x[i] * w[i / EK_MVE_BYTES * 4 * EK_MVE_BYTES + i % EK_MVE_BYTES];
#endif
    return sum;
}

/* Bytes that do not overlap. */
EK_INLINE void ek_mve_copy(int8_t *to, const int8_t *from, int32_t count)
{
#if EK_HAS_MVE
    int32_t i = 0;
    for (; i + EK_MVE_BYTES <= count; i += EK_MVE_BYTES)
        vstrbq_s8(to + i, vldrbq_s8(from + i));
    if (count % EK_MVE_BYTES) {
        const mve_pred16_t rest = vctp8q((uint32_t)(count - i));
        vstrbq_p_s8(to + i, vldrbq_z_s8(from + i, rest), rest);
    }
#else
    for (int32_t i = 0; i < count; i++)
        to[i] = from[i];
#endif
}

/* The same where the compiler does not know the count. */
EK_INLINE void ek_mve_copy_some(int8_t *to, const int8_t *from, int32_t count)
{
#if EK_HAS_MVE
    for (; count > 0; count -= EK_MVE_BYTES, to += EK_MVE_BYTES, from += EK_MVE_BYTES) {
        const mve_pred16_t there = vctp8q((uint32_t)count);
        vstrbq_p_s8(to, vldrbq_z_s8(from, there), there);
    }
#else
    ek_mve_copy(to, from, count);
#endif
}

EK_INLINE void ek_mve_fill(int8_t *to, int32_t value, int32_t count)
{
#if EK_HAS_MVE
    const int8x16_t values = vdupq_n_s8((int8_t)value);
    int32_t i = 0;
    for (; i + EK_MVE_BYTES <= count; i += EK_MVE_BYTES)
        vstrbq_s8(to + i, values);
    if (count % EK_MVE_BYTES)
        vstrbq_p_s8(to + i, values, vctp8q((uint32_t)(count - i)));
#else
    for (int32_t i = 0; i < count; i++)
        to[i] = (int8_t)value;
#endif
}

#if EK_HAS_MVE
/* ek_requantize.h's short path in four lanes, without offset and clamp. VQRDMULH rounds as its
 * first step does; VRSHL rounds ties up, so negative values are moved by one, where that can be seen.
 */
EK_INLINE int32x4_t ek_mve_scaled(ek_mve_output_t by, int32x4_t sums, int32x4_t multiplier,
                                  int32x4_t shift)
{
    int32x4_t high = vqrdmulhq_s32(sums, multiplier);
    if (by.low < by.offset)
        high = vaddq_s32(high, vshrq_n_s32(high, 31));
    return vrshlq_s32(high, shift);
}
#endif

#if EK_HAS_MVE
/* The outputs of `count` neighbouring channels, 1 to 4, by the short path. */
EK_INLINE void ek_mve_store_lanes(ek_mve_output_t by, int32x4_t sums, const int32_t *multiplier,
                                  const int8_t *shift, int32_t count, int8_t *out)
{
    int32x4_t result;
    if (count == 4) {
        result = ek_mve_scaled(by, sums, vldrwq_s32(multiplier), vldrbq_s32(shift));
    } else {
        const mve_pred16_t there = vctp32q((uint32_t)count);
        result = ek_mve_scaled(by, sums, vldrwq_z_s32(multiplier, there),
                               vldrbq_z_s32(shift, there));
    }
    result = vaddq_n_s32(result, by.offset);
    result = vmaxq_s32(result, vdupq_n_s32(by.low));
    result = vminq_s32(result, vdupq_n_s32(by.high));
    if (count == 4)
        vstrbq_s32(out, result);
    else
        vstrbq_p_s32(out, result, vctp32q((uint32_t)count));
}
#endif

/* The outputs of `count` neighbouring channels, 1 to 4. */
EK_INLINE void ek_mve_store_four(ek_mve_output_t by, ek_mve_four_t sum, const int32_t *multiplier,
                                 const int8_t *shift, int32_t count, int8_t *out)
{
#if EK_HAS_MVE
    if (by.small) {
        ek_mve_store_lanes(by, vldrwq_s32((const int32_t *)&sum), multiplier, shift, count, out);
        return;
    }
#endif
    const int32_t sums[4] = {sum.a, sum.b, sum.c, sum.d};
    for (int32_t i = 0; i < count; i++)
        out[i] = ek_requantize_s8(sums[i], (ek_requantize_t){multiplier[i], shift[i]}, by.offset,
                                  by.low, by.high, by.small);
}

#endif
