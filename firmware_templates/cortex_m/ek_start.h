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

/* The UART by itself, with the meaning of ek_hal_get and so on. */
int ek_uart_get(void);
void ek_uart_flush(void);

#endif
