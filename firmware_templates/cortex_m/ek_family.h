/* ek_family: what a chip family gives, so that hal_cortex_m.c can be the HAL of all of them.
 *
 * The board file's [registers] say which UART, pins and interrupt: EK_REG_*.
 */
#ifndef EK_FAMILY_H
#define EK_FAMILY_H

#include <stdint.h>

#include "ek_config.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* Clocks at EK_CLOCK_HZ; the UART at EK_BAUD, its receive interrupt on in the peripheral; the cycle
 * counter running. Called once, with interrupts masked in the NVIC. */
void ek_family_start(void);

/* The next byte in the UART's receiver, or -1. Called by the interrupt only. */
int ek_uart_take(void);

/* Sends a byte; waits while the transmitter is full. */
void ek_uart_put(uint8_t byte);

/* Whether bytes are still on their way out. */
int ek_uart_is_sending(void);

/* CPU cycles, 32 bits, from anywhere. */
uint32_t ek_family_cycles(void);

/* Some random bits, after ek_family_start; 0 where the chip has none. */
uint32_t ek_family_random(void);

/* The chip's own watchdog, which restarts it after EK_CHIP_WATCHDOG_MS without food. A family
 * without these three has none. */
#define EK_CHIP_WATCHDOG_MS (2U * EK_WATCHDOG_MS)
int ek_family_was_watchdog(void); /* whether it has; called once, forgets it */
void ek_family_watchdog_start(void);
void ek_family_watchdog_feed(void);

/* Enters a bootloader if the chip has one; returns where it has none. */
void ek_family_bootloader(void);

static inline void ek_wait_for(uint32_t address, uint32_t mask, uint32_t value) {
    while ((REG(address) & mask) != value) {
    }
}

#endif
