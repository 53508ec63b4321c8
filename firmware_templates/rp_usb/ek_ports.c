#include "ek_ports.h"

#include "ek_hal.h"
#include "ek_usb.h"

static uint8_t is_usb;    /* the host last spoke there, so answers go there */
static uint8_t is_ending; /* the line before has been told that its message is over */
static uint8_t kept;      /* the first byte of the other line */

static int get(int from_usb) {
    return from_usb ? ek_usb_get() : ek_uart_get();
}

/* A 0x00 ends whatever the line before has begun, and what it is answered with goes there still. */
int ek_hal_get(void) {
    if (is_ending) {
        is_ending = 0;
        is_usb = !is_usb;
        return kept;
    }
    int byte = get(is_usb);
    if (byte >= 0) {
        return byte;
    }
    int other = get(!is_usb);
    if (other < 0) {
        return -1;
    }
    kept = (uint8_t)other;
    is_ending = 1;
    return 0;
}

void ek_hal_put(uint8_t byte) {
    if (is_usb) {
        ek_usb_put(byte);
    } else {
        ek_uart_put(byte);
    }
}

void ek_hal_flush(void) {
    if (is_usb) {
        ek_usb_flush();
    } else {
        ek_uart_flush();
    }
}
