/* ek_requantize_dsp: ek_requantize.h's short path in six instructions.
 *
 * With high = (sum * multiplier + 2^30) >> 31, which is SMMULR of 2 * sum, and exponent = right + 1,
 * ek_requantize.h gives ((high' >> right) + 1 >> 1) + offset, high' being high - 1 where high < 0.
 * Here the offset is added before the last shift; and where no result below the offset survives the
 * clamp, as after every ReLU, nothing is subtracted: those results are cut off either way.
 */
#ifndef EK_REQUANTIZE_DSP_H
#define EK_REQUANTIZE_DSP_H

#include "ek_dsp.h"
#include "ek_requantize.h"

typedef struct {
    int32_t offset, low, high;
    int32_t small; /* 1: |sum| < 2^29, and the shifts are -exponent + 1 .. : `right` */
} ek_requantize_dsp_params;

/* `right` is the exponent less one where `small` is 1, else ek_requantize.h's shift. */
EK_INLINE int8_t ek_requantize_dsp_s8(ek_requantize_dsp_params p, int32_t sum, int32_t multiplier,
                                      int32_t right)
{
    if (!p.small)
        return ek_requantize_s8(sum, (ek_requantize_t){multiplier, right}, p.offset, p.low, p.high,
                                0);
    int32_t high = ek_dsp_high_multiply(sum * 2, multiplier);
    if (p.low < p.offset)
        high += high >> 31;
    int32_t result = ek_dsp_half_as_s8((high >> right) + (2 * p.offset + 1));
    if (p.low > INT8_MIN) /* compilers do not see that SSAT has clamped */
        result = result < p.low ? p.low : result;
    if (p.high < INT8_MAX)
        result = result > p.high ? p.high : result;
    return (int8_t)result;
}

#endif
