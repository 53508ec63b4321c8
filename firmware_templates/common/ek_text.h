/* ek_text: answers the text commands of the MLPerf Tiny benchmark, for `ek_model_active`, so that
 * the benchmark's own runner measures our boards. docs/protocol.md has the commands.
 */
#ifndef EK_TEXT_H
#define EK_TEXT_H

#include <stdint.h>

#include "ek_crash.h"

/* Says that the board is there, and what brought it down before. Called once, after ek_hal_init. */
void ek_text_start(void);

/* Takes one byte of a command, none of them 0; '%' ends the command and has it answered. */
void ek_text_byte(uint8_t byte);

/* Forgets the command begun. */
void ek_text_drop(void);

/* Whether a command is being carried out: a fault is answered in text then. */
int ek_text_is_busy(void);

/* For fault handlers: says where the command failed. */
void ek_text_fault(const ek_crash_t *crash);

/* Whether text was printed since the last call: the next frame must be set off from it. */
int ek_text_was_printed(void);

#endif
