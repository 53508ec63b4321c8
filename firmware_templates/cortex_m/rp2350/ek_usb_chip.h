/* ek_usb_chip: the RP2350's own in the USB driver. */
#ifndef EK_USB_CHIP_H
#define EK_USB_CHIP_H

#define EK_USB_PRODUCT 0x0009U /* "Pico SDK CDC UART (RP2350)" */
#define EK_USB_HAS_ID 1

#endif
