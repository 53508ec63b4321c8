/* The controller: how it starts, and what its interrupt means. */
#include "ek_usb.h"

#include "ek_usb_parts.h"

/* The controller reads at 48 MHz, so the rest must stand for one of its cycles before the buffer
 * becomes its own (RP2040 datasheet 4.1.2.5.1). */
void ek_usb_arm(uint32_t buffer_control, uint32_t value) {
    USB_WORD(buffer_control) = value;
    __asm volatile("nop\nnop\nnop\nnop\nnop\nnop");
    USB_WORD(buffer_control) = value | USB_AVAILABLE;
}

void ek_usb_start(void) {
    ek_usb_chip_start();
    for (uint32_t at = 0; at < EK_USB_MEMORY_BYTES; at += 4U) {
        USB_WORD(at) = 0;
    }
    USB_MUXING = USB_MUXING_TO_PHY;
    USB_POWER = USB_POWER_DETECTED;
    USB_MAIN_CTRL = USB_MAIN_ENABLE;
    USB_INTE = USB_INT_BUFFERS | USB_INT_RESET | USB_INT_SETUP;
    ek_usb_chip_enable_interrupt();
    USB_SIE_CTRL = USB_SIE_EP0_EACH | USB_SIE_PULL_UP;
}

static void reset(void) {
    USB_BUFF_STATUS = ~0U;
    USB_ADDRESS = 0;
    ek_usb_control_reset();
    ek_usb_serial_close();
}

static void buffers(void) {
    uint32_t done = USB_BUFF_STATUS;
    USB_BUFF_STATUS = done; /* clears them */
    if (done & USB_DONE(0U, 0U)) {
        ek_usb_control_sent();
    }
    if (done & USB_DONE(0U, 1U)) {
        ek_usb_control_received();
    }
    if (done & USB_DONE(USB_SERIAL, 0U)) {
        ek_usb_serial_sent();
    }
    if (done & USB_DONE(USB_SERIAL, 1U)) {
        ek_usb_serial_received();
    }
}

/* A new request comes after the end of the one before, and a reset of the bus ends both. */
void ek_usb_interrupt(void) {
    uint32_t why = USB_INTS;
    if (why & USB_INT_RESET) {
        USB_SIE_STATUS = USB_STATUS_RESET;
        reset();
        return;
    }
    if (why & USB_INT_BUFFERS) {
        buffers();
    }
    if (why & USB_INT_SETUP) {
        USB_SIE_STATUS = USB_STATUS_SETUP;
        ek_usb_control_setup();
    }
}
