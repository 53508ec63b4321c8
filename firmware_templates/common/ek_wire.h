/* ek_wire: little-endian numbers at any address, on any byte order. */
#ifndef EK_WIRE_H
#define EK_WIRE_H

#include <stdint.h>

static inline uint16_t ek_get_u16(const uint8_t *at) {
    return (uint16_t)(at[0] | (at[1] << 8));
}

static inline uint32_t ek_get_u32(const uint8_t *at) {
    return (uint32_t)at[0] | ((uint32_t)at[1] << 8) | ((uint32_t)at[2] << 16) |
           ((uint32_t)at[3] << 24);
}

static inline uint8_t *ek_put_u16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value & 255U);
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static inline uint8_t *ek_put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value & 255U);
        value >>= 8;
    }
    return at + 4;
}

static inline uint8_t *ek_put_u64(uint8_t *at, uint64_t value) {
    at = ek_put_u32(at, (uint32_t)(value & 0xFFFFFFFFU));
    return ek_put_u32(at, (uint32_t)(value >> 32));
}

/* `room` bytes: the text, cut to fit, then NULs. */
static inline uint8_t *ek_put_text(uint8_t *at, const char *text, uint32_t room) {
    for (uint32_t i = 0; i < room; i++) {
        at[i] = (uint8_t)*text;
        if (*text != '\0') {
            text++;
        }
    }
    return at + room;
}

#endif
