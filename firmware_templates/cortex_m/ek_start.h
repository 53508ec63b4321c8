/* ek_start: what start-up code and HAL know of each other. */
#ifndef EK_START_H
#define EK_START_H

#include <stdint.h>

extern uint32_t ek_boot_seed; /* differs after every reset */

/* Called once, after ek_family_start. */
void ek_watchdog_start(void);

/* Interrupt handlers. */
void ek_uart_interrupt(void);
void ek_watchdog_tick(void);

#endif
