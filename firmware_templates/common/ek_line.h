/* ek_line: one serial line, two protocols; the first bytes of each message decide which it is in.
 *
 * A frame ends in 0x00 and its second byte is a message type below 0x20; a text command ends in
 * '%' and is printable. So two printable bytes after an end are a command, and all else is a frame.
 * A board that has not heard a whole frame yet takes every '%' for an end, so that noise at power-up
 * costs a runner one command at most.
 */
#ifndef EK_LINE_H
#define EK_LINE_H

#include <stdint.h>

#include "ek_crash.h"

/* Takes one byte from the host, and answers when it completes a frame or a command. */
void ek_line_byte(uint8_t byte);

/* For fault handlers: answers what was being served, in its own protocol. */
void ek_line_fault(const ek_crash_t *crash);

#endif
