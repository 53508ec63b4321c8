/* ek_cores: a layer's work, shared by the cores of a chip without an operating system.
 *
 * A kernel cuts its work into shares that touch no memory in common but what they only read, and a
 * board's firmware runs them side by side. Where it does not define ek_run_shares, this one runs them
 * one after another.
 */
#ifndef EK_CORES_H
#define EK_CORES_H

#include <stdint.h>

/* Share `share` of `shares` (0 of 1, or 0 and 1 of 2). */
typedef void ek_share_t(const void *task, int32_t share, int32_t shares);

/* Returns when every share is done. */
void ek_run_shares(ek_share_t *run, const void *task);

/* Firmware that has its own says so before. */
#ifndef EK_CORES_BY_FIRMWARE
__attribute__((weak)) void ek_run_shares(ek_share_t *run, const void *task)
{
    run(task, 1, 2);
    run(task, 0, 2);
}
#endif

#endif
