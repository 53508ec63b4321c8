/* ek_hal: all that the board-independent firmware asks of a board.
 *
 * One template folder implements these for one family; nothing else knows registers.
 * No function here may be called from an interrupt: the firmware polls.
 */
#ifndef EK_HAL_H
#define EK_HAL_H

#include <stdint.h>

/* What RESET may ask for. */
#define EK_RESET_RESTART 0U
#define EK_RESET_BOOTLOADER 1U

/* Brings up clocks, the link and the cycle counter. Called once, first. */
void ek_hal_init(void);

/* The next byte from the host, 0..255, or -1 when none has come. Never waits. */
int ek_hal_get(void);

/* Sends a byte; waits while the transmitter is full. */
void ek_hal_put(uint8_t byte);

/* Waits until every byte has left the board. */
void ek_hal_flush(void);

/* Called whenever there is nothing to do; may sleep until a byte comes. */
void ek_hal_idle(void);

/* Cycles since ek_hal_init, at ek_hal_clock_hz() per second; never runs backwards. */
uint64_t ek_hal_cycles(void);
uint32_t ek_hal_clock_hz(void);

/* From now on so many cores run the model; 0 where the board cannot. A HAL without this function has
 * one core. */
int ek_hal_use_cores(uint32_t count);

/* A number that differs after every reset. */
uint32_t ek_hal_boot_id(void);

/* Restarts the board, or enters its bootloader. Does not return. */
_Noreturn void ek_hal_reset(uint8_t kind);

/* Tells the watchdog that all is well: it restarts the board when it has not heard so for
 * EK_WATCHDOG_MS. A HAL without this function has no watchdog. */
void ek_hal_feed(void);

/* Whether the chip's own watchdog has restarted the board. A HAL without this cannot tell. */
int ek_hal_was_watchdog(void);

/* One of EK_KEPT_WORDS words that a restart leaves alone. */
#define EK_KEPT_WORDS 6U
volatile uint32_t *ek_hal_kept(uint32_t place);

/* data + bss in bytes, the model's arena included. */
uint32_t ek_hal_static_bytes(void);

/* The reserved stack, [low, high). Both NULL where nobody reserves one. */
uint32_t *ek_hal_stack_low(void);
uint32_t *ek_hal_stack_high(void);

#endif
