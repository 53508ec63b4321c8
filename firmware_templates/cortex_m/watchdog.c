/* Two watchdogs. SysTick's interrupt counts how long the firmware has not fed it, and says where it
 * hangs. Behind it the chip's own, twice as patient, which needs no interrupt. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_hal.h"
#include "ek_start.h"

#define RELOAD 0x00FFFFFFU
#define TICKS_MAX ((uint32_t)((uint64_t)EK_CLOCK_HZ * EK_WATCHDOG_MS / 1000U / RELOAD) + 2U)

static volatile uint32_t unfed_ticks;
/* Not cleared at the start: a restart leaves them alone. */
__attribute__((section(".noinit"))) static volatile uint32_t kept[EK_KEPT_WORDS];
__attribute__((section(".noinit"))) static uint32_t was_watchdog;

void ek_watchdog_start(void) {
    was_watchdog = (uint32_t)ek_family_was_watchdog();
    REG(SYST_RVR) = RELOAD;
    REG(SYST_CVR) = 0;
    REG(SYST_CSR) = SYST_ENABLE_INTERRUPT_CPU_CLOCK;
    ek_family_watchdog_start();
}

/* PendSV is taken when this handler is done, in its place: so what it finds on the stack is the code
 * that hangs. */
void ek_watchdog_tick(void) {
    unfed_ticks++;
    if (unfed_ticks >= TICKS_MAX) {
        REG(SCB_ICSR) = SCB_ICSR_PENDSV;
    }
}

void ek_hal_feed(void) {
    unfed_ticks = 0;
    ek_family_watchdog_feed();
}

int ek_hal_was_watchdog(void) {
    return was_watchdog != 0U;
}

volatile uint32_t *ek_hal_kept(uint32_t place) {
    return &kept[place];
}

__attribute__((weak)) int ek_family_was_watchdog(void) {
    return 0;
}

__attribute__((weak)) void ek_family_watchdog_start(void) {}

__attribute__((weak)) void ek_family_watchdog_feed(void) {}
