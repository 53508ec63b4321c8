/* ek_depthwise_3x3_dsp: the weights of one channel of a 3 x 3 kernel as pairs (ek_dsp.h). */
#ifndef EK_DEPTHWISE_3X3_DSP_H
#define EK_DEPTHWISE_3X3_DSP_H

#include "ek_dsp.h"

/* (first, third) of each row, the middle ones of the first two rows, and that of the last. */
typedef struct {
    uint32_t outer0, outer1, outer2, middle01, middle2;
} ek_depthwise_dsp_3x3_t;

EK_INLINE ek_depthwise_dsp_3x3_t ek_depthwise_dsp_3x3(const int8_t *w)
{
    return (ek_depthwise_dsp_3x3_t){ek_dsp_pack(w[0], w[2]), ek_dsp_pack(w[3], w[5]),
                                    ek_dsp_pack(w[6], w[8]), ek_dsp_pack(w[1], w[4]),
                                    ek_dsp_pack(w[7], 0)};
}

#endif
