/* The HAL of every Cortex-M with a UART: a ring that the receive interrupt fills, and a cycle counter.
 *
 * Without the ring a UART that keeps one byte would lose what comes while an answer goes out.
 */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_frame.h"
#include "ek_hal.h"
#include "ek_start.h"

/* The host has at most four writes of 512 bytes under way, and waits for answers then; a power of
 * two, so that the places wrap by themselves. */
#define RING_BYTES 2048U

static uint8_t ring[RING_BYTES];
static volatile uint32_t ring_in;  /* written by the interrupt only */
static volatile uint32_t ring_out; /* written by ek_hal_get only */

static uint32_t boot_id;
static uint64_t cycles;
static uint32_t last_count;

void ek_uart_interrupt(void) {
    for (int byte = ek_uart_take(); byte >= 0; byte = ek_uart_take()) {
        if (ring_in - ring_out < RING_BYTES) { /* else it is lost, and the frame's CRC tells */
            ring[ring_in % RING_BYTES] = (uint8_t)byte;
            ring_in++;
        }
    }
}

void ek_hal_init(void) {
    ek_family_start();
    ek_watchdog_start();
    const uint32_t seeds[2] = {ek_boot_seed, ek_family_random()};
    boot_id = ek_crc32(0, seeds, sizeof seeds);
    last_count = ek_family_cycles();
    REG(NVIC_ISER(EK_REG_UART_IRQ)) = NVIC_BIT(EK_REG_UART_IRQ);
}

int ek_uart_get(void) {
    if (ring_in == ring_out) {
        return -1;
    }
    uint8_t byte = ring[ring_out % RING_BYTES];
    ring_out++;
    return byte;
}

void ek_uart_flush(void) {
    while (ek_uart_is_sending()) {
    }
}

/* The UART is the line, but for families that have another. */
__attribute__((weak)) int ek_hal_get(void) {
    return ek_uart_get();
}

__attribute__((weak)) void ek_hal_put(uint8_t byte) {
    ek_uart_put(byte);
}

__attribute__((weak)) void ek_hal_flush(void) {
    ek_uart_flush();
}

/* Keeps the count whole: it has 32 bits, and idling may last for hours. */
void ek_hal_idle(void) {
    (void)ek_hal_cycles();
}

/* So long as one step takes less than one round of the counter (2^32 cycles, nine seconds at
 * 480 MHz), nothing is lost. */
uint64_t ek_hal_cycles(void) {
    uint32_t count = ek_family_cycles();
    cycles += count - last_count;
    last_count = count;
    return cycles;
}

uint32_t ek_hal_boot_id(void) {
    return boot_id;
}

_Noreturn void ek_hal_reset(uint8_t kind) {
    if (kind == EK_RESET_BOOTLOADER) {
        ek_family_bootloader();
    }
    REG(SCB_AIRCR) = SCB_AIRCR_RESET;
    for (;;) {
    }
}
