#include "ek_crash.h"

#include "ek_hal.h"

/* The kept words. */
enum { MARK, RUNNING_STEP, STEP, PC, LR, STATUS };
_Static_assert(STATUS < EK_KEPT_WORDS, "there are not so many");

/* MARK, with a cause in its low bits; anything else is RAM as it comes up. */
#define MARK_CRASHED 0x3DC7A510U /* was kept before a restart */
#define MARK_STARTED 0x3DC7A520U /* and this is why the board runs now */
#define MARK_CAUSE 0xFU

#define KEPT(place) (*ek_hal_kept(place))

__attribute__((weak)) void ek_hal_feed(void) {}

__attribute__((weak)) int ek_hal_was_watchdog(void) {
    return 0;
}

__attribute__((weak)) volatile uint32_t *ek_hal_kept(uint32_t place) {
    static volatile uint32_t words[EK_KEPT_WORDS];
    return &words[place];
}

static void store(uint32_t mark, const ek_crash_t *crash) {
    KEPT(STEP) = crash->step;
    KEPT(PC) = crash->pc;
    KEPT(LR) = crash->lr;
    KEPT(STATUS) = crash->status;
    KEPT(MARK) = mark | crash->cause;
}

/* Nothing was kept: either the chip's own watchdog saw to the restart, or nobody of ours did. */
static ek_crash_t unannounced(void) {
    ek_crash_t crash = {EK_CAUSE_POWER, EK_NO_STEP, 0, 0, 0};
    if (ek_hal_was_watchdog()) {
        crash.cause = EK_CAUSE_WATCHDOG;
        crash.step = KEPT(RUNNING_STEP);
    }
    return crash;
}

void ek_crash_start(void) {
    int was_kept = (KEPT(MARK) & ~MARK_CAUSE) == MARK_CRASHED;
    ek_crash_t crash = was_kept ? ek_crash_last() : unannounced();
    store(MARK_STARTED, &crash);
    ek_crash_enter(EK_NO_STEP);
}

ek_crash_t ek_crash_last(void) {
    ek_crash_t crash = {KEPT(MARK) & MARK_CAUSE, KEPT(STEP), KEPT(PC), KEPT(LR), KEPT(STATUS)};
    return crash;
}

void ek_crash_keep(const ek_crash_t *crash) {
    store(MARK_CRASHED, crash);
}

void ek_crash_enter(uint32_t step) {
    KEPT(RUNNING_STEP) = step;
    ek_hal_feed();
}

uint32_t ek_crash_step(void) {
    return KEPT(RUNNING_STEP);
}
