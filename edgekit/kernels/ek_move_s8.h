/* ek_move_s8: values from one tensor to another along five nested loops a, b, c, d, e.
 *
 *   out[out_start + i_a * out_a + ... + i_e * out_e] =
 *       in[in_start + i_a * in_a + ... + i_e * in_e]     int8, for 0 <= i_a < a, ... 0 <= i_e < e
 *
 * Rounding   none.
 * Alignment  in and out at multiples of 4 bytes.
 * Requires   every index lies within its tensor; steps may be negative.  A loop that is left out, so
 *            of 0 turns, runs once.
 * Aliasing   in and out must not overlap.
 * Scratch    none.  Allocates: never.  Fails: never (the ops that move values check).
 *
 * A slice has the steps of the larger tensor on one side, a transposition the same steps in another
 * order. ops/moving.py joins loops: what is contiguous on both sides comes as one run in e.
 */
#ifndef EK_MOVE_S8_H
#define EK_MOVE_S8_H

#include "ek_copy_s8.h"

typedef struct {
    int32_t a, b, c, d, e;
    int32_t in_start, in_a, in_b, in_c, in_d, in_e;
    int32_t out_start, out_a, out_b, out_c, out_d, out_e;
} ek_move_s8_params;

/* Whether every run starts and ends at a multiple of 4 bytes. */
EK_INLINE int32_t ek_move_s8_words(const ek_move_s8_params *p)
{
    const int32_t in = p->in_start | p->in_a | p->in_b | p->in_c | p->in_d;
    const int32_t out = p->out_start | p->out_a | p->out_b | p->out_c | p->out_d;
    return ((in | out | p->e) & 3) == 0;
}

EK_INLINE void ek_move_s8_run(const ek_move_s8_params *p, const int8_t *in, int8_t *out)
{
    if (p->in_e == 1 && p->out_e == 1) {
        ek_copy_s8(in, out, p->e, ek_move_s8_words(p));
    } else {
        for (int32_t e = 0; e < p->e; e++)
            out[e * p->out_e] = in[e * p->in_e];
    }
}

EK_INLINE int32_t ek_move_s8_turns(int32_t given)
{
    return given > 0 ? given : 1;
}

EK_INLINE void ek_move_s8(const ek_move_s8_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t a = 0; a < ek_move_s8_turns(p->a); a++) {
        for (int32_t b = 0; b < ek_move_s8_turns(p->b); b++) {
            for (int32_t c = 0; c < ek_move_s8_turns(p->c); c++) {
                for (int32_t d = 0; d < ek_move_s8_turns(p->d); d++) {
                    const int32_t from = a * p->in_a + b * p->in_b + c * p->in_c + d * p->in_d;
                    const int32_t to = a * p->out_a + b * p->out_b + c * p->out_c + d * p->out_d;
                    ek_move_s8_run(p, in + p->in_start + from, out + p->out_start + to);
                }
            }
        }
    }
}

#endif
