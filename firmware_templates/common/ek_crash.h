/* ek_crash: why the board started, and where the processor was when something went wrong.
 *
 * Kept in words that a restart leaves alone (ek_hal_kept), so that the firmware that comes up can
 * tell what the one that went down cannot.
 */
#ifndef EK_CRASH_H
#define EK_CRASH_H

#include <stdint.h>

/* Why the board started. */
#define EK_CAUSE_POWER 0U /* power, a pin, a debugger; or nobody knows */
#define EK_CAUSE_REQUEST 1U
#define EK_CAUSE_FAULT 2U
#define EK_CAUSE_WATCHDOG 3U

#define EK_NO_STEP 0xFFFFFFFFU

typedef struct {
    uint32_t cause;
    uint32_t step; /* of the model, that was running; or EK_NO_STEP */
    uint32_t pc;   /* 0 where only the chip's own watchdog saw it, or no stack was left */
    uint32_t lr;
    uint32_t status; /* CFSR, where the core has one */
} ek_crash_t;

/* Works out why the board started. Called once, after ek_hal_init. */
void ek_crash_start(void);

/* Why the board started. */
ek_crash_t ek_crash_last(void);

/* To be called before the board restarts, by whoever makes it. */
void ek_crash_keep(const ek_crash_t *crash);

/* A step of the model begins, or EK_NO_STEP does: tells the watchdog that all is well. */
void ek_crash_enter(uint32_t step);

/* The step that runs. */
uint32_t ek_crash_step(void);

#endif
