/* What the USB driver needs of the RP2040. */
#include "clocks.h"
#include "ek_usb_parts.h"
#include "registers.h"

void ek_usb_chip_start(void) {
    ek_clocks_start_usb();
    REG_SET(RESETS_RESET) = RESET_USB; /* a debugger may have restarted the processor only */
    ek_unreset(RESET_USB);
}

void ek_usb_chip_enable_interrupt(void) {
    REG(NVIC_ISER) = 1U << IRQ_USB;
}

int ek_usb_chip_id(uint32_t id[2]) {
    (void)id;
    return 0;
}
