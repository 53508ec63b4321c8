/* ek_usb: a serial port over USB (CDC ACM), on the controller that RP2040 and RP2350 share.
 *
 * One interrupt does all that the host may ask for at any time, whatever the firmware does meanwhile:
 * it enumerates, and leads into the bootloader, also in the middle of an inference. It does not come
 * while the host asks for nothing.
 */
#ifndef EK_USB_H
#define EK_USB_H

#include <stdint.h>

/* Shows the board to the host. Clocks must run; interrupts come from here on. */
void ek_usb_start(void);

/* The next byte from the host, or -1. Never waits. */
int ek_usb_get(void);

/* Sends a byte. Waits for room while a program has the port open and takes what comes, half a second
 * at most; then, and while nobody has it open, what finds no room is lost. */
void ek_usb_put(uint8_t byte);

/* Waits until the host has taken all, as far as ek_usb_put would. */
void ek_usb_flush(void);

/* The handler of the controller's interrupt. Does no harm without one, so that fault handlers can
 * send. */
void ek_usb_interrupt(void);

#endif
