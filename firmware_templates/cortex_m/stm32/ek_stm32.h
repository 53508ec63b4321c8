/* ek_stm32: what all STM32 share. Reference manuals RM0390 (F446), RM0433 (H743), RM0456 (U575). */
#ifndef EK_STM32_H
#define EK_STM32_H

#include "ek_family.h"

/* Gives a pin to a peripheral, pulled up: an open RX line must not look like a start bit. */
void ek_stm32_alternate(uint32_t port, uint32_t pin, uint32_t function);

/* The newer USART, in families that take usart/ along; `clock_hz` is what it runs at. */
void ek_usart_start(uint32_t clock_hz, uint32_t baud);

#endif
