/* ek_usb_chip: the RP2040's own in the USB driver. */
#ifndef EK_USB_CHIP_H
#define EK_USB_CHIP_H

#define EK_USB_PRODUCT 0x000AU /* "Pico SDK CDC UART" */
#define EK_USB_HAS_ID 0        /* only its flash has a number, and firmware runs from there */

#endif
