/* Endpoint 0: brings requests in, and answers out, packet by packet (USB 2.0, 8.5.3 and 9.4). */
#include "ek_hal.h"
#include "ek_usb_parts.h"

#define EP0_IN USB_BUFFER_CONTROL(0U, 0U)
#define EP0_OUT USB_BUFFER_CONTROL(0U, 1U)

enum { IDLE, ANSWERING, TAKING_DATA, ENDING_IN, ENDING_OUT };

static void disarm(void) {
    USB_WORD(EP0_IN) = 0;
    USB_WORD(EP0_OUT) = 0;
    usb->stage = IDLE;
}

/* Both directions, whichever the host tries next; the next request ends it. */
static void refuse(void) {
    disarm();
    USB_EP_STALL_ARM = USB_STALL_EP0;
    USB_WORD(EP0_IN) = USB_STALL;
    USB_WORD(EP0_OUT) = USB_STALL;
}

static void send_packet(void) {
    uint32_t count = usb->rest_bytes < USB_PACKET ? usb->rest_bytes : USB_PACKET;
    for (uint32_t i = 0; i < count; i++) {
        USB_BYTES(USB_EP0_BUFFER)[i] = usb->rest[i];
    }
    usb->rest += count;
    usb->rest_bytes = (uint16_t)(usb->rest_bytes - count);
    usb->pads = usb->pads && count == USB_PACKET;
    ek_usb_arm(EP0_IN, USB_FULL | USB_LAST | (usb->data1 ? USB_DATA1 : 0U) | count);
    usb->data1 = !usb->data1;
}

void ek_usb_answer(const uint8_t *bytes, uint32_t count, uint32_t wanted) {
    usb->rest = bytes;
    usb->rest_bytes = (uint16_t)(count < wanted ? count : wanted);
    usb->pads = count < wanted;
}

/* The host's own packet without data: it has heard the answer. */
static void end_out(void) {
    usb->stage = ENDING_OUT;
    ek_usb_arm(EP0_OUT, USB_DATA1 | USB_PACKET);
}

/* Ours: the request is carried out. */
static void end_in(void) {
    usb->stage = ENDING_IN;
    ek_usb_arm(EP0_IN, USB_FULL | USB_LAST | USB_DATA1);
}

static ek_usb_request_t packet(void) {
    const uint32_t low = USB_WORD(USB_SETUP_PACKET);
    const uint32_t high = USB_WORD(USB_SETUP_PACKET + 4U);
    const ek_usb_request_t setup = {(uint8_t)low, (uint8_t)(low >> 8), (uint16_t)(low >> 16),
                                  (uint16_t)high, (uint16_t)(high >> 16)};
    return setup;
}

void ek_usb_control_reset(void) {
    disarm();
    usb->address = 0;
    usb->leaves = 0;
    usb->configuration = 0;
    usb->lines = 0;
}

void ek_usb_control_setup(void) {
    const ek_usb_request_t setup = packet();
    disarm();
    USB_BUFF_STATUS = USB_DONE(0U, 0U) | USB_DONE(0U, 1U); /* of the request before */
    usb->address = 0;
    usb->leaves = 0;
    usb->data1 = 1;
    switch (ek_usb_request(&setup)) {
    case ANSWERED:
        usb->stage = ANSWERING;
        send_packet();
        break;
    case EXPECTS_DATA:
        usb->stage = TAKING_DATA;
        ek_usb_arm(EP0_OUT, USB_DATA1 | USB_PACKET);
        break;
    case DONE:
        end_in();
        break;
    default:
        refuse();
    }
}

void ek_usb_control_sent(void) {
    if (usb->stage == ANSWERING) {
        if (usb->rest_bytes > 0U || usb->pads) {
            send_packet();
        } else {
            end_out();
        }
        return;
    }
    if (usb->stage != ENDING_IN) {
        return;
    }
    usb->stage = IDLE;
    if (usb->address) { /* only now: the request itself still went to the old one */
        USB_ADDRESS = usb->address;
        usb->address = 0;
    }
    if (usb->leaves) {
        ek_hal_reset(EK_RESET_BOOTLOADER);
    }
}

void ek_usb_control_received(void) {
    const uint32_t count = USB_WORD(EP0_OUT) & USB_LENGTH;
    if (usb->stage == TAKING_DATA) {
        if (ek_usb_request_data(count)) {
            end_in();
        } else {
            refuse();
        }
    } else if (usb->stage == ENDING_OUT) {
        usb->stage = IDLE;
    }
}
