/* ek_host_vector: sixteen values at a time, in GCC's vector types, for any machine with a real CPU.
 *
 * The compiler maps them to what the machine has (AVX-512, AVX2, NEON), so there are no intrinsics.
 * These headers are for validating on a PC or a Pi; no board ever gets them.
 */
#ifndef EK_HOST_VECTOR_H
#define EK_HOST_VECTOR_H

#include <stdint.h>
#include <string.h>

#include "ek_requantize.h"

#define EK_LANES 16

typedef int8_t ek_v16_s8 __attribute__((vector_size(16)));
typedef int16_t ek_v16_s16 __attribute__((vector_size(32)));
typedef int32_t ek_v16_s32 __attribute__((vector_size(64)));
typedef float ek_v16_f32 __attribute__((vector_size(64)));

EK_INLINE ek_v16_s32 ek_v16_load_s8(const int8_t *from)
{
    ek_v16_s8 narrow;
    memcpy(&narrow, from, sizeof narrow);
    /* In two steps: at one of four times the width gcc falls back to single values. */
    return __builtin_convertvector(__builtin_convertvector(narrow, ek_v16_s16), ek_v16_s32);
}

EK_INLINE ek_v16_s32 ek_v16_load_s32(const int32_t *from)
{
    ek_v16_s32 wide;
    memcpy(&wide, from, sizeof wide);
    return wide;
}

/* Sixteen sums of neighbouring channels as int8 outputs, of which the first `count` are stored.
 *
 * `multiplier` and `shift` have sixteen values from here on. Rounding as ek_requantize.h. The loops
 * are plain, with one trip count, for the compiler to turn into vectors: a 64-bit product of 32-bit
 * lanes is something that vector types cannot say.
 */
EK_INLINE void ek_host_requantize(const int32_t *sums, const int32_t *multiplier,
                                  const int32_t *shift, int32_t offset, int32_t low, int32_t high,
                                  int32_t small, int8_t *out, int32_t count)
{
    int8_t narrow[EK_LANES];
    if (small) {
        for (int32_t i = 0; i < EK_LANES; i++) {
            const int32_t scaled =
                ek_multiply_by_quantized_multiplier_small(sums[i], multiplier[i], shift[i]);
            narrow[i] = (int8_t)(ek_clamp(scaled, low - offset, high - offset) + offset);
        }
    } else {
        for (int32_t i = 0; i < EK_LANES; i++) {
            const int32_t scaled =
                ek_multiply_by_quantized_multiplier(sums[i], multiplier[i], shift[i]);
            narrow[i] = (int8_t)(ek_clamp(scaled, low - offset, high - offset) + offset);
        }
    }
    if (count == EK_LANES)
        memcpy(out, narrow, EK_LANES);
    else
        memcpy(out, narrow, (size_t)count);
}

#endif
