/* What the host may ask for: USB 2.0, 9.4, and CDC PSTN 1.2, 6.3. All else is refused. */
#include "ek_usb_parts.h"

/* bmRequestType */
enum {
    TO_DEVICE = 0x00,
    TO_INTERFACE = 0x01,
    TO_ENDPOINT = 0x02,
    FROM_DEVICE = 0x80,
    FROM_INTERFACE = 0x81,
    FROM_ENDPOINT = 0x82,
    TO_CLASS = 0x21,
    FROM_CLASS = 0xA1
};
#define KEY(type, request) ((uint32_t)(type) << 8 | (uint32_t)(request))

enum {
    GET_STATUS = 0,
    CLEAR_FEATURE = 1,
    SET_FEATURE = 3,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR = 6,
    GET_CONFIGURATION = 8,
    SET_CONFIGURATION = 9,
    GET_INTERFACE = 10,
    SET_INTERFACE = 11,
    SET_LINE_CODING = 0x20,
    GET_LINE_CODING = 0x21,
    SET_CONTROL_LINE_STATE = 0x22
};
#define ENDPOINT_HALT 0U
#define INTERFACES 2U
#define CODING_BYTES 7U
#define DTR 1U
#define TOUCH_BAUD 1200U

/* The bit of one of our endpoints, by its address; 0 where there is none like that. */
static uint8_t endpoint_bit(uint16_t address) {
    switch (address) {
    case 0x80U | USB_NOTIFY:
        return USB_DONE(USB_NOTIFY, 0U);
    case 0x80U | USB_SERIAL:
        return USB_DONE(USB_SERIAL, 0U);
    case USB_SERIAL:
        return USB_DONE(USB_SERIAL, 1U);
    default:
        return 0;
    }
}

static ek_usb_outcome_t answer(const ek_usb_request_t *setup, const volatile uint8_t *bytes,
                               uint32_t count) {
    if (setup->length == 0U) {
        return DONE; /* nothing wanted: no data stage */
    }
    ek_usb_answer((const uint8_t *)bytes, count, setup->length);
    return ANSWERED;
}

static ek_usb_outcome_t answer_small(const ek_usb_request_t *setup, uint8_t value, uint32_t count) {
    usb->answer[0] = value;
    usb->answer[1] = 0;
    return answer(setup, usb->answer, count);
}

static ek_usb_outcome_t descriptor(const ek_usb_request_t *setup) {
    const uint8_t *bytes;
    const uint32_t count = ek_usb_descriptor(setup->value, &bytes);
    return count ? answer(setup, bytes, count) : REFUSED;
}

static ek_usb_outcome_t configure(uint16_t value) {
    if (value > 1U) {
        return REFUSED;
    }
    usb->configuration = (uint8_t)value;
    usb->lines = 0;
    if (value) {
        ek_usb_serial_open();
    } else {
        ek_usb_serial_close();
    }
    return DONE;
}

static int is_interface(const ek_usb_request_t *setup) {
    return usb->configuration && setup->index < INTERFACES;
}

static ek_usb_outcome_t choose_interface(const ek_usb_request_t *setup) {
    if (!is_interface(setup) || setup->value != 0U) {
        return REFUSED;
    }
    if (setup->index == 1U) { /* the data interface's endpoints start anew */
        ek_usb_serial_resume(USB_DONE(USB_SERIAL, 0U));
        ek_usb_serial_resume(USB_DONE(USB_SERIAL, 1U));
    }
    return DONE;
}

static ek_usb_outcome_t halt(const ek_usb_request_t *setup, int is_halt) {
    const uint8_t bit = endpoint_bit(setup->index);
    if (!usb->configuration || !bit || setup->value != ENDPOINT_HALT) {
        return REFUSED;
    }
    if (is_halt) {
        ek_usb_serial_halt(bit);
    } else {
        ek_usb_serial_resume(bit);
    }
    return DONE;
}

static ek_usb_outcome_t endpoint_status(const ek_usb_request_t *setup) {
    if (setup->index == 0x00U || setup->index == 0x80U) {
        return answer_small(setup, 0, 2);
    }
    const uint8_t bit = endpoint_bit(setup->index);
    if (!usb->configuration || !bit) {
        return REFUSED;
    }
    return answer_small(setup, (usb->halted & bit) != 0U, 2);
}

static uint32_t baud(void) {
    return (uint32_t)usb->coding[0] | (uint32_t)usb->coding[1] << 8 |
           (uint32_t)usb->coding[2] << 16 | (uint32_t)usb->coding[3] << 24;
}

/* A port that is closed at 1200 baud: the wish for the bootloader, as Arduino boards have it. */
static ek_usb_outcome_t control_lines(const ek_usb_request_t *setup) {
    usb->lines = (uint8_t)(setup->value & 3U);
    usb->leaves = !(usb->lines & DTR) && baud() == TOUCH_BAUD;
    return DONE;
}

static ek_usb_outcome_t write_request(const ek_usb_request_t *setup) {
    switch (KEY(setup->type, setup->request)) {
    case KEY(TO_DEVICE, SET_ADDRESS):
        if (setup->value > 127U) {
            return REFUSED;
        }
        usb->address = (uint8_t)setup->value;
        return DONE;
    case KEY(TO_DEVICE, SET_CONFIGURATION):
        return configure(setup->value);
    case KEY(TO_INTERFACE, SET_INTERFACE):
        return choose_interface(setup);
    case KEY(TO_ENDPOINT, CLEAR_FEATURE):
        return halt(setup, 0);
    case KEY(TO_ENDPOINT, SET_FEATURE):
        return halt(setup, 1);
    case KEY(TO_CLASS, SET_CONTROL_LINE_STATE):
        return is_interface(setup) ? control_lines(setup) : REFUSED;
    default:
        return REFUSED;
    }
}

static ek_usb_outcome_t read_request(const ek_usb_request_t *setup) {
    switch (KEY(setup->type, setup->request)) {
    case KEY(FROM_DEVICE, GET_DESCRIPTOR):
        return descriptor(setup);
    case KEY(FROM_DEVICE, GET_STATUS):
        return answer_small(setup, 0, 2); /* powered by the bus, wakes nobody */
    case KEY(FROM_DEVICE, GET_CONFIGURATION):
        return answer_small(setup, usb->configuration, 1);
    case KEY(FROM_INTERFACE, GET_STATUS):
        return is_interface(setup) ? answer_small(setup, 0, 2) : REFUSED;
    case KEY(FROM_INTERFACE, GET_INTERFACE):
        return is_interface(setup) ? answer_small(setup, 0, 1) : REFUSED;
    case KEY(FROM_ENDPOINT, GET_STATUS):
        return endpoint_status(setup);
    case KEY(FROM_CLASS, GET_LINE_CODING):
        return is_interface(setup) ? answer(setup, usb->coding, CODING_BYTES) : REFUSED;
    default:
        return REFUSED;
    }
}

ek_usb_outcome_t ek_usb_request(const ek_usb_request_t *setup) {
    if (KEY(setup->type, setup->request) == KEY(TO_CLASS, SET_LINE_CODING)) {
        return is_interface(setup) && setup->length == CODING_BYTES ? EXPECTS_DATA : REFUSED;
    }
    if (setup->type & 0x80U) {
        return read_request(setup);
    }
    return setup->length == 0U ? write_request(setup) : REFUSED;
}

int ek_usb_request_data(uint32_t count) {
    if (count != CODING_BYTES) {
        return 0;
    }
    for (uint32_t i = 0; i < CODING_BYTES; i++) {
        usb->coding[i] = USB_BYTES(USB_EP0_BUFFER)[i];
    }
    return 1;
}
