/* What the core has on all STM32 with a DWT, and what none of them has. */
#include "ek_core.h"
#include "ek_family.h"

uint32_t ek_family_cycles(void) {
    return REG(DWT_CYCCNT);
}

uint32_t ek_family_random(void) {
    return 0; /* RAM as it comes up must do */
}

void ek_family_bootloader(void) {} /* flashed over SWD: it needs none */
