#include "ek_line.h"

#include "ek_frame.h"
#include "ek_hal.h"
#include "ek_server.h"
#include "ek_text.h"

typedef enum { FIRST, SECOND, TEXT, FRAME } place_t;

static place_t place; /* where in a message the next byte is */
static uint8_t first;
static uint32_t frame_bytes;   /* since the last 0x00 */
static uint8_t frames_spoken;  /* the host's last whole message was a frame */

static int is_printable(uint8_t byte) {
    return (byte >= 0x20U && byte < 0x7FU) || byte == '\r' || byte == '\n';
}

static void next_message(void) {
    place = FIRST;
    ek_text_drop();
}

static void text(uint8_t byte) {
    if (place == FIRST && (byte == ' ' || byte == '\r' || byte == '\n')) {
        return; /* a terminal's end of line after the last command */
    }
    ek_text_byte(byte);
    place = byte == '%' ? FIRST : TEXT;
}

/* The byte is part of a frame, or noise: which of them, only an end can tell. */
static void not_text(uint8_t byte) {
    ek_text_drop();
    /* Nothing this long is a frame, so the host that sends it speaks none. */
    int noise = !frames_spoken || frame_bytes > EK_FRAME_ENCODED_MAX;
    place = byte == '%' && noise ? FIRST : FRAME;
}

static void feed_text(uint8_t byte) {
    switch (place) {
    case FIRST:
        first = byte;
        place = SECOND;
        break;
    case SECOND:
        if (is_printable(first) && is_printable(byte)) {
            frames_spoken = 0;
            place = FIRST;
            text(first);
            text(byte);
        } else {
            not_text(byte);
        }
        break;
    case TEXT:
        if (is_printable(byte)) {
            text(byte);
        } else {
            not_text(byte);
        }
        break;
    default:
        not_text(byte);
    }
}

/* A command in frames' company would be answered amid replies; yet each frame is decoded whatever
 * its bytes look like, so that no message is ever lost for good to a likeness. */
void ek_line_byte(uint8_t byte) {
    if (byte == 0U && ek_text_was_printed()) {
        ek_hal_put(0); /* what was printed is no part of the frame that may follow */
    }
    if (ek_server_byte(byte)) {
        frames_spoken = 1;
    }
    if (byte == 0U) {
        frame_bytes = 0;
        next_message();
    } else {
        frame_bytes++;
        feed_text(byte);
    }
}

void ek_line_fault(const ek_crash_t *crash) {
    if (ek_text_is_busy()) {
        ek_text_fault(crash);
    } else {
        ek_server_fault(crash);
    }
}
