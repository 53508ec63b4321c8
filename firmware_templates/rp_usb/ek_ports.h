/* ek_ports: UART and USB, of which the firmware sees one line: the one that the host spoke on last. */
#ifndef EK_PORTS_H
#define EK_PORTS_H

#include <stdint.h>

/* What the chip's own files give: the UART by itself, with the meaning of ek_hal_get and so on. */
int ek_uart_get(void);
void ek_uart_put(uint8_t byte);
void ek_uart_flush(void);

#endif
