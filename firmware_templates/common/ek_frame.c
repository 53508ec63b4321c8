#include "ek_frame.h"

#include "ek_hal.h"
#include "ek_wire.h"

/* CRC-32 of every 4-bit value, reflected polynomial 0xEDB88320: 64 bytes of flash instead of the
 * usual 1 KiB, for two look-ups per byte. */
static const uint32_t crc_of_nibble[16] = {
    0x00000000U, 0x1DB71064U, 0x3B6E20C8U, 0x26D930ACU, 0x76DC4190U, 0x6B6B51F4U,
    0x4DB26158U, 0x5005713CU, 0xEDB88320U, 0xF00F9344U, 0xD6D6A3E8U, 0xCB61B38CU,
    0x9B64C2B0U, 0x86D3D2D4U, 0xA00AE278U, 0xBDBDF21CU,
};

uint32_t ek_crc32(uint32_t crc, const void *data, uint32_t length) {
    const uint8_t *bytes = data;
    crc = ~crc;
    for (uint32_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ crc_of_nibble[crc & 15U];
        crc = (crc >> 4) ^ crc_of_nibble[crc & 15U];
    }
    return ~crc;
}

/* Undoes COBS in place; returns the decoded length, or 0 when a run leads past the end.
 * Writes trail reads: each run writes at most one byte more than it has read after its own code
 * byte, and the code byte itself was read first. */
static uint32_t decode(uint8_t *bytes, uint32_t length) {
    uint32_t read = 0;
    uint32_t written = 0;
    while (read < length) {
        uint32_t code = bytes[read++];
        if (code == 0U || code - 1U > length - read) {
            return 0;
        }
        for (uint32_t i = 1; i < code; i++) {
            bytes[written++] = bytes[read++];
        }
        if (code < 255U && read < length) {
            bytes[written++] = 0;
        }
    }
    return written;
}

static uint32_t payload_length(uint8_t *bytes, uint32_t length) {
    uint32_t decoded = decode(bytes, length);
    if (decoded <= EK_CRC_BYTES || decoded > EK_PAYLOAD_MAX + EK_CRC_BYTES) {
        return 0;
    }
    uint32_t payload = decoded - EK_CRC_BYTES;
    return ek_crc32(0, bytes, payload) == ek_get_u32(bytes + payload) ? payload : 0;
}

uint32_t ek_frame_feed(ek_frame_receiver_t *receiver, uint8_t byte) {
    if (byte != 0U) {
        if (receiver->length < EK_FRAME_ENCODED_MAX) {
            receiver->bytes[receiver->length++] = byte;
        } else {
            receiver->too_long = 1;
        }
        return 0;
    }
    uint32_t found = receiver->too_long ? 0 : payload_length(receiver->bytes, receiver->length);
    receiver->length = 0;
    receiver->too_long = 0;
    return found;
}

/* One COBS run: the bytes up to the next 0x00, at most 254 of them. Returns its length. */
static uint32_t send_run(const uint8_t *bytes, uint32_t length) {
    uint32_t run = 0;
    while (run < length && run < 254U && bytes[run] != 0U) {
        run++;
    }
    ek_hal_put((uint8_t)(run + 1U));
    for (uint32_t i = 0; i < run; i++) {
        ek_hal_put(bytes[i]);
    }
    return run;
}

void ek_frame_send(uint8_t *buffer, uint32_t length) {
    ek_put_u32(buffer + length, ek_crc32(0, buffer, length));
    uint32_t total = length + EK_CRC_BYTES;
    uint32_t at = 0;
    /* A 0x00 that ends the message still needs the empty run after it: hence <=. */
    while (at <= total) {
        uint32_t run = send_run(buffer + at, total - at);
        at += run < 254U ? run + 1U : run; /* a full run stands for no 0x00 */
    }
    ek_hal_put(0);
}
