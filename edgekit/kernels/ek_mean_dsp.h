/* ek_mean_dsp: sums of spaced int8 values, four neighbouring channels at a time. */
#ifndef EK_MEAN_DSP_H
#define EK_MEAN_DSP_H

#include "ek_dsp.h"
#include "ek_mean.h"

/* Sums in int16: of channels 0 and 2, and of 1 and 3. */
typedef struct {
    uint32_t even, odd;
} ek_mean_dsp_short;

typedef struct {
    int32_t channel[4];
} ek_mean_dsp_long;

/* Adds `count` cells that lie `step` apart; EK_SHORT_COUNT in all at most. */
EK_INLINE ek_mean_dsp_short ek_mean_dsp_add_short(ek_mean_dsp_short sums, const int8_t *cell,
                                                  int32_t count, int32_t step)
{
    for (int32_t i = 0; i < count; i++, cell += step) {
        const uint32_t word = ek_dsp_load(cell);
        sums.even = ek_dsp_add_even(sums.even, word);
        sums.odd = ek_dsp_add_odd(sums.odd, word);
    }
    return sums;
}

/* Adds any number of them; sums stay in int32's range. */
EK_INLINE ek_mean_dsp_long ek_mean_dsp_add_long(ek_mean_dsp_long sums, const int8_t *cell,
                                                int32_t count, int32_t step)
{
    for (int32_t done = 0; done < count; done += EK_SHORT_COUNT) {
        const int32_t some = count - done < EK_SHORT_COUNT ? count - done : EK_SHORT_COUNT;
        const ek_mean_dsp_short more =
            ek_mean_dsp_add_short((ek_mean_dsp_short){0, 0}, cell + done * step, some, step);
        sums.channel[0] += ek_dsp_low(more.even);
        sums.channel[1] += ek_dsp_low(more.odd);
        sums.channel[2] += ek_dsp_high(more.even);
        sums.channel[3] += ek_dsp_high(more.odd);
    }
    return sums;
}

#endif
