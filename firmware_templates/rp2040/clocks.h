/* clocks: crystal, PLL and the 1 MHz tick. */
#ifndef EK_RP2040_CLOCKS_H
#define EK_RP2040_CLOCKS_H

#include <stdint.h>

/* clk_sys and clk_peri at EK_CLOCK_HZ, clk_ref on the crystal, the timer counting microseconds. */
void ek_clocks_start(void);

/* clk_usb at 48 MHz, from the other PLL. */
void ek_clocks_start_usb(void);

/* Takes peripherals out of reset, and waits for them. */
void ek_unreset(uint32_t peripherals);

#endif
