/* ek_lookup_s8_mve: ek_lookup_s8 for cores with the M-profile vector extension; all as there. */
#ifndef EK_LOOKUP_S8_MVE_H
#define EK_LOOKUP_S8_MVE_H

#include "ek_lookup_s8.h"
#include "ek_mve.h"

typedef ek_lookup_s8_params ek_lookup_s8_mve_params;

EK_INLINE void ek_lookup_s8_mve(const ek_lookup_s8_mve_params *p, const int8_t *in,
                                const int8_t *table, int8_t *out)
{
#if EK_HAS_MVE
    for (int32_t i = 0; i < p->count; i += EK_MVE_BYTES) {
        const mve_pred16_t there = vctp8q((uint32_t)(p->count - i));
        const uint8x16_t stored = vldrbq_z_u8((const uint8_t *)in + i, there);
        const uint8x16_t places = veorq_u8(stored, vdupq_n_u8(0x80)); /* x + 128 */
        vstrbq_p_s8(out + i, vldrbq_gather_offset_z_s8(table, places, there), there);
    }
#else
    ek_lookup_s8(p, in, table, out);
#endif
}

#endif
