/* ek_start: what start-up code and HAL know of each other. */
#ifndef EK_START_H
#define EK_START_H

#include <stdint.h>

extern uint32_t ek_boot_seed; /* differs after every reset */

void ek_uart_interrupt(void);

#endif
