/* The independent watchdog, on an oscillator of its own whose fastest is IWDG_HZ. It cannot be
 * stopped but by a reset; a model with a step that may take longer than it can wait goes without. */
#include "ek_chip.h"
#include "ek_core.h"
#include "ek_family.h"

#define IWDG_KR (IWDG + 0x00U)
#define IWDG_KR_FEED 0xAAAAU
#define IWDG_KR_UNLOCK 0x5555U
#define IWDG_KR_START 0xCCCCU
#define IWDG_PR (IWDG + 0x04U)
#define IWDG_PR_BY_256 6U
#define IWDG_RLR (IWDG + 0x08U)
#define IWDG_RLR_MAX 4095U
#define IWDG_RELOAD ((uint32_t)((uint64_t)EK_CHIP_WATCHDOG_MS * IWDG_HZ / 256U / 1000U) + 1U)

int ek_family_was_watchdog(void) {
    const uint32_t causes = REG(RESET_CAUSES);
    REG(RESET_CAUSES) = causes | RESET_CAUSES_CLEAR;
    return (causes & RESET_CAUSES_IWDG) != 0U;
}

void ek_family_watchdog_start(void) {
    REG(DEBUG_FREEZE) |= DEBUG_FREEZE_IWDG; /* while a debugger holds the processor */
    if (IWDG_RELOAD <= IWDG_RLR_MAX) {
        REG(IWDG_KR) = IWDG_KR_START;
        REG(IWDG_KR) = IWDG_KR_UNLOCK;
        REG(IWDG_PR) = IWDG_PR_BY_256;
        REG(IWDG_RLR) = IWDG_RELOAD; /* taken over some milliseconds later, the next time it is fed */
    }
}

void ek_family_watchdog_feed(void) {
    REG(IWDG_KR) = IWDG_KR_FEED;
}
