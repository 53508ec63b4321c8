/* ek_frame: COBS frames with a CRC-32, as docs/protocol.md has them. No I/O but ek_hal_put.
 *
 * Memory safety rests on two facts, whatever bytes come: ek_frame_feed never stores at or beyond
 * EK_FRAME_ENCODED_MAX, and the decoder's write index never passes its read index.
 */
#ifndef EK_FRAME_H
#define EK_FRAME_H

#include <stdint.h>

#define EK_PAYLOAD_MAX 512U
#define EK_CRC_BYTES 4U
/* COBS adds one byte per started run of 254. */
#define EK_FRAME_ENCODED_MAX \
    (EK_PAYLOAD_MAX + EK_CRC_BYTES + (EK_PAYLOAD_MAX + EK_CRC_BYTES + 253U) / 254U)

typedef struct {
    uint8_t bytes[EK_FRAME_ENCODED_MAX];
    uint32_t length;
    uint8_t too_long; /* dropping everything up to the next 0x00 */
} ek_frame_receiver_t;

/* CRC-32 as in zlib: ek_crc32(0, data, n) for a whole message, chained for one in parts. */
uint32_t ek_crc32(uint32_t crc, const void *data, uint32_t length);

/* Takes one byte from the line. Returns the length of the payload that it completes, which then
 * lies in receiver->bytes until the next call, or 0. Damaged and oversized frames vanish. */
uint32_t ek_frame_feed(ek_frame_receiver_t *receiver, uint8_t byte);

/* Sends a payload as one frame. `buffer` has room for EK_CRC_BYTES after the payload's
 * `length` <= EK_PAYLOAD_MAX bytes; the CRC is written there. */
void ek_frame_send(uint8_t *buffer, uint32_t length);

#endif
