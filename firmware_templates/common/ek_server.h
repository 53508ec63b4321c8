/* ek_server: answers the frames protocol, version 1, for `ek_model_active`. */
#ifndef EK_SERVER_H
#define EK_SERVER_H

#include <stdint.h>

#include "ek_crash.h"

/* Takes one byte from the host, and answers when it completes a request. Returns whether it did. */
int ek_server_byte(uint8_t byte);

/* For fault handlers: answers the request that was being served with "inference failed" and
 * `detail` (the program counter), so that the host need not wait for its timeout. */
void ek_server_fault(const ek_crash_t *crash);

#endif
