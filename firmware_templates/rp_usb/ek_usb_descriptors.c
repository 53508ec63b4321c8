/* What the host is told about the board: USB 2.0, 9.6, and CDC 1.2 with PSTN 1.2, 5. */
#include "ek_config.h"
#include "ek_usb_chip.h"
#include "ek_usb_parts.h"

enum { DEVICE = 1, CONFIGURATION, STRING, INTERFACE, ENDPOINT, CS_INTERFACE = 0x24 };
enum { CLASS_CDC = 2, CLASS_DATA = 10, ABSTRACT_CONTROL_MODEL = 2 };
enum { LANGUAGES, MAKER, PRODUCT, SERIAL };

#define LOW(word) ((word) & 0xFFU)
#define HIGH(word) ((word) >> 8)
#define VENDOR 0x2E8AU /* Raspberry Pi's: its product is a board's port, made with any tools */
#define CONFIGURATION_BYTES 67U

static const uint8_t device[] = {
    18, DEVICE, 0x00, 0x02,              /* USB 2.0 */
    CLASS_CDC, 0, 0, USB_PACKET,         /* endpoint 0 */
    LOW(VENDOR), HIGH(VENDOR), LOW(EK_USB_PRODUCT), HIGH(EK_USB_PRODUCT),
    0x00, 0x01,                          /* release 1.00 */
    MAKER, PRODUCT, EK_USB_HAS_ID ? SERIAL : 0, 1, /* configuration */
};

static const uint8_t configuration[CONFIGURATION_BYTES] = {
    9, CONFIGURATION, CONFIGURATION_BYTES, 0, 2, 1, 0, 0x80, 125, /* by the bus, 250 mA at most */
    9, INTERFACE, 0, 0, 1, CLASS_CDC, ABSTRACT_CONTROL_MODEL, 0, 0,
    5, CS_INTERFACE, 0, 0x20, 0x01,      /* header: CDC 1.2 */
    5, CS_INTERFACE, 1, 0, 1,            /* calls: none of them handled, data on interface 1 */
    4, CS_INTERFACE, 2, 2,               /* ACM: line coding and control lines */
    5, CS_INTERFACE, 6, 0, 1,            /* union: interface 0 controls 1 */
    7, ENDPOINT, 0x80 | USB_NOTIFY, 3, 8, 0, 255,
    9, INTERFACE, 1, 0, 2, CLASS_DATA, 0, 0, 0,
    7, ENDPOINT, USB_SERIAL, 2, USB_PACKET, 0, 0,
    7, ENDPOINT, 0x80 | USB_SERIAL, 2, USB_PACKET, 0, 0,
};

static const uint8_t languages[] = {4, STRING, 0x09, 0x04}; /* American English */

#define TEXT_MAX ((USB_PACKET - 2U) / 2U)

/* Text as a string descriptor, in endpoint 0's buffer. */
static uint32_t text(const char *characters, const uint8_t **bytes) {
    volatile uint8_t *const out = USB_BYTES(USB_EP0_BUFFER);
    uint32_t count = 0;
    for (; characters[count] != '\0' && count < TEXT_MAX; count++) {
        out[2U + 2U * count] = (uint8_t)characters[count];
        out[3U + 2U * count] = 0;
    }
    out[0] = (uint8_t)(2U + 2U * count);
    out[1] = STRING;
    *bytes = (const uint8_t *)out;
    return out[0];
}

static uint32_t serial_number(const uint8_t **bytes) {
    uint32_t id[2];
    char digits[17];
    if (!ek_usb_chip_id(id)) {
        return 0;
    }
    for (uint32_t i = 0; i < 16U; i++) {
        digits[i] = "0123456789ABCDEF"[(id[i / 8U] >> (28U - i % 8U * 4U)) & 15U];
    }
    digits[16] = '\0';
    return text(digits, bytes);
}

static uint32_t string(uint32_t index, const uint8_t **bytes) {
    switch (index) {
    case LANGUAGES:
        *bytes = languages;
        return sizeof languages;
    case MAKER:
        return text("edgekit", bytes);
    case PRODUCT:
        return text("edgekit " EK_BOARD, bytes);
    case SERIAL:
        return serial_number(bytes);
    default:
        return 0;
    }
}

uint32_t ek_usb_descriptor(uint16_t value, const uint8_t **bytes) {
    const uint32_t index = LOW((uint32_t)value);
    switch (HIGH((uint32_t)value)) {
    case DEVICE:
        *bytes = device;
        return index == 0U ? sizeof device : 0;
    case CONFIGURATION:
        *bytes = configuration;
        return index == 0U ? sizeof configuration : 0;
    case STRING:
        return string(index, bytes);
    default:
        return 0; /* a device qualifier, too: there is no high speed */
    }
}
