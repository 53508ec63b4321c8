/* ek_mean_mve: sums of spaced int8 values, eight neighbouring channels at a time. */
#ifndef EK_MEAN_MVE_H
#define EK_MEAN_MVE_H

#include "ek_mean.h"
#include "ek_mve.h"

#define EK_MEAN_MVE_CHANNELS 8

#if EK_HAS_MVE
/* Sums in int32: of channels 0, 2, 4, 6, and of 1, 3, 5, 7. */
typedef struct {
    int32x4_t even, odd;
} ek_mean_mve_long;

/* Adds `count` cells that lie `step` apart; EK_SHORT_COUNT in all at most. */
EK_INLINE int16x8_t ek_mean_mve_add_short(int16x8_t sums, const int8_t *cell, int32_t count,
                                          int32_t step, mve_pred16_t there)
{
    for (int32_t i = 0; i < count; i++, cell += step)
        sums = vaddq_s16(sums, vldrbq_z_s16(cell, there));
    return sums;
}

/* Adds any number of them; sums stay in int32's range. */
EK_INLINE ek_mean_mve_long ek_mean_mve_add_long(ek_mean_mve_long sums, const int8_t *cell,
                                                int32_t count, int32_t step, mve_pred16_t there)
{
    for (int32_t done = 0; done < count; done += EK_SHORT_COUNT) {
        const int32_t some = count - done < EK_SHORT_COUNT ? count - done : EK_SHORT_COUNT;
        const int16x8_t more =
            ek_mean_mve_add_short(vdupq_n_s16(0), cell + done * step, some, step, there);
        sums.even = vaddq_s32(sums.even, vmovlbq_s16(more));
        sums.odd = vaddq_s32(sums.odd, vmovltq_s16(more));
    }
    return sums;
}

/* Stores eight values, or as many as are there, as int8 in low..high. */
EK_INLINE void ek_mean_mve_store(ek_mean_mve_long values, int32_t low, int32_t high,
                                 mve_pred16_t there, int8_t *out)
{
    int16x8_t joined = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), values.even), values.odd);
    joined = vmaxq_s16(joined, vdupq_n_s16((int16_t)low));
    vstrbq_p_s16(out, vminq_s16(joined, vdupq_n_s16((int16_t)high)), there);
}
#endif

#endif
