/* The bytes of the port: bulk endpoints, one packet under way in each direction. */
#include "ek_hal.h"
#include "ek_usb.h"
#include "ek_usb_parts.h"

#define IN_CONTROL USB_BUFFER_CONTROL(USB_SERIAL, 0U)
#define OUT_CONTROL USB_BUFFER_CONTROL(USB_SERIAL, 1U)
#define IN_BIT USB_DONE(USB_SERIAL, 0U)
#define OUT_BIT USB_DONE(USB_SERIAL, 1U)
#define DTR 1U
#define PATIENCE_HZ 2U /* half a second */

static uint32_t data(uint8_t data1) {
    return data1 ? USB_DATA1 : 0U;
}

/* Sends what is there, or the packet without data that tells the host's program that a packet of
 * full length was the last. */
static void launch(void) {
    if (usb->in_busy || (usb->halted & IN_BIT) || (usb->fill == 0U && !usb->in_full)) {
        return;
    }
    const uint32_t count = usb->fill;
    for (uint32_t at = 0; at < count; at += 4U) {
        USB_WORD(USB_IN_BUFFER + at) = USB_WORD(USB_FILL_BUFFER + at);
    }
    usb->fill = 0;
    usb->in_full = count == USB_PACKET;
    usb->in_busy = 1;
    ek_usb_arm(IN_CONTROL, USB_FULL | USB_LAST | data(usb->in_data1) | count);
    usb->in_data1 = !usb->in_data1;
}

static void listen(void) {
    if (!(usb->halted & OUT_BIT) && usb->configuration) {
        ek_usb_arm(OUT_CONTROL, data(usb->out_data1) | USB_PACKET);
        usb->out_data1 = !usb->out_data1;
    }
}

void ek_usb_serial_close(void) {
    USB_WORD(USB_BUFFER_CONTROL(USB_NOTIFY, 0U)) = 0;
    USB_WORD(IN_CONTROL) = 0;
    USB_WORD(OUT_CONTROL) = 0;
    usb->halted = 0;
    usb->out_data1 = usb->out_left = 0;
    usb->in_data1 = usb->in_busy = usb->in_full = usb->fill = 0;
    usb->is_deaf = 0;
}

void ek_usb_serial_open(void) {
    ek_usb_serial_close();
    USB_WORD(USB_EP_CONTROL(USB_NOTIFY, 0U)) = USB_EP_ENABLE | USB_EP_INTERRUPT | USB_NOTIFY_BUFFER;
    USB_WORD(USB_EP_CONTROL(USB_SERIAL, 0U)) =
        USB_EP_ENABLE | USB_EP_EACH | USB_EP_BULK | USB_IN_BUFFER;
    USB_WORD(USB_EP_CONTROL(USB_SERIAL, 1U)) =
        USB_EP_ENABLE | USB_EP_EACH | USB_EP_BULK | USB_OUT_BUFFER;
    listen();
}

static uint32_t control_of(uint8_t endpoint) {
    return endpoint == IN_BIT    ? IN_CONTROL
           : endpoint == OUT_BIT ? OUT_CONTROL
                                 : USB_BUFFER_CONTROL(USB_NOTIFY, 0U);
}

void ek_usb_serial_halt(uint8_t endpoint) {
    usb->halted |= endpoint;
    USB_WORD(control_of(endpoint)) = USB_STALL;
    USB_BUFF_STATUS = endpoint;
}

void ek_usb_serial_resume(uint8_t endpoint) {
    usb->halted &= (uint8_t)~endpoint;
    USB_WORD(control_of(endpoint)) = 0;
    USB_BUFF_STATUS = endpoint;
    if (endpoint == IN_BIT) { /* what was on its way is lost, as it would be on a line */
        usb->in_data1 = usb->in_busy = usb->in_full = 0;
        launch();
    } else if (endpoint == OUT_BIT) {
        usb->out_data1 = 0;
        if (usb->out_left == 0U) {
            listen();
        }
    }
}

void ek_usb_serial_sent(void) {
    usb->in_busy = 0;
    usb->is_deaf = 0;
    launch();
}

void ek_usb_serial_received(void) {
    const uint32_t count = USB_WORD(OUT_CONTROL) & USB_LENGTH;
    usb->out_at = 0;
    usb->out_left = (uint8_t)(count < USB_PACKET ? count : USB_PACKET);
    if (count == 0U) {
        listen();
    }
}

int ek_usb_get(void) {
    if (usb->out_left == 0U) {
        return -1;
    }
    const uint32_t lock = ek_usb_lock();
    int byte = -1;
    if (usb->out_left > 0U) { /* still: the bus may have been reset */
        byte = USB_BYTES(USB_OUT_BUFFER)[usb->out_at % USB_PACKET];
        usb->out_at++;
        usb->out_left--;
        if (usb->out_left == 0U) {
            listen();
        }
    }
    ek_usb_unlock(lock);
    return byte;
}

static int put(uint8_t byte) {
    const uint32_t lock = ek_usb_lock();
    const int has_room = usb->fill < USB_PACKET;
    if (has_room && usb->configuration) {
        USB_BYTES(USB_FILL_BUFFER)[usb->fill] = byte;
        usb->fill++;
        launch();
    }
    ek_usb_unlock(lock);
    return has_room;
}

static int is_idle(void) {
    return !usb->in_busy;
}

static int has_room(void) {
    return usb->fill < USB_PACKET;
}

/* Half the time of a packet on the bus, or a little less. */
static void rest(void) {
    for (uint32_t left = 500; left > 0U; left--) {
        __asm volatile("nop");
    }
}

/* Serves the controller itself meanwhile: a fault handler has no interrupts. */
static void wait_until(int (*is_so)(void)) {
    const uint64_t start = ek_hal_cycles();
    const uint32_t patience = ek_hal_clock_hz() / PATIENCE_HZ;
    while (!is_so() && (usb->lines & DTR) && !usb->is_deaf) {
        const uint32_t lock = ek_usb_lock();
        ek_usb_interrupt();
        ek_usb_unlock(lock);
        rest();
        usb->is_deaf = ek_hal_cycles() - start > patience;
    }
}

void ek_usb_put(uint8_t byte) {
    if (!put(byte)) {
        wait_until(has_room);
        (void)put(byte);
    }
}

void ek_usb_flush(void) {
    wait_until(is_idle);
}
