/* Core 1: launched once, then it waits for shares of layers (RP2040 datasheet 2.3.1.4 and 2.8.2).
 *
 * The cores meet through the FIFOs only: core 0 sends a function and its task, does the other share
 * itself, and waits for one word back. Neither ever holds more than two words of the other's.
 */
#define EK_CORES_BY_FIRMWARE
#include "ek_cores.h"

#include "ek_entry.h"
#include "ek_hal.h"
#include "registers.h"

#define DONE 0xD0E5U
#define UNTOUCHED 0x5AA5C33CU
#define PATIENCE 100000U /* looks at a FIFO: some milliseconds, where an answer takes microseconds */
#define ATTEMPTS 16

extern uint32_t ek_core1_stack_low[], ek_core1_stack_top[];

static uint8_t shares_with_core1;
static uint8_t is_launched;

static void push(uint32_t word) {
    while (!(REG(SIO_FIFO_ST) & SIO_FIFO_READY)) {
    }
    REG(SIO_FIFO_WR) = word;
    __asm volatile("sev");
}

static uint32_t pop(void) {
    while (!(REG(SIO_FIFO_ST) & SIO_FIFO_VALID)) {
    }
    return REG(SIO_FIFO_RD);
}

/* The next word, or `otherwise` when none comes. */
static uint32_t pop_soon(uint32_t otherwise) {
    for (uint32_t looks = 0; looks < PATIENCE; looks++) {
        if (REG(SIO_FIFO_ST) & SIO_FIFO_VALID) {
            return REG(SIO_FIFO_RD);
        }
    }
    return otherwise;
}

static _Noreturn void serve_shares(void) {
    for (;;) {
        ek_share_t *run = (ek_share_t *)(uintptr_t)pop();
        const void *task = (const void *)(uintptr_t)pop();
        run(task, 1, 2);
        __asm volatile("dmb" ::: "memory");
        push(DONE);
    }
}

/* Wherever core 1 was, it is in its boot ROM after this, and waits for a launch. */
static void reset_core1(void) {
    REG_SET(PSM_FRCE_OFF) = PSM_PROC1;
    for (uint32_t looks = 0; looks < PATIENCE && !(REG(PSM_FRCE_OFF) & PSM_PROC1); looks++) {
    }
    REG_CLEAR(PSM_FRCE_OFF) = PSM_PROC1;
}

static void drain(void) {
    while (REG(SIO_FIFO_ST) & SIO_FIFO_VALID) {
        (void)REG(SIO_FIFO_RD);
    }
}

/* The boot ROM answers each word with itself; else the launch begins again. */
static int launch(void) {
    const uint32_t words[] = {0, 0, 1, REG(SCB_VTOR), (uint32_t)(uintptr_t)ek_core1_stack_top,
                              (uint32_t)(uintptr_t)serve_shares};
    const uint32_t count = sizeof words / sizeof words[0];
    reset_core1();
    *ek_core1_stack_low = UNTOUCHED;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint32_t sent = 0;
        while (sent < count) {
            if (words[sent] == 0U) {
                drain();
            }
            push(words[sent]);
            if (pop_soon(~words[sent]) != words[sent]) {
                break;
            }
            sent++;
        }
        if (sent == count) {
            return 1;
        }
    }
    return 0;
}

int ek_hal_use_cores(uint32_t count) {
    if (count == 2U && !is_launched) {
        is_launched = launch() != 0;
    }
    if (count != 1U && (count != 2U || !is_launched)) {
        return 0;
    }
    shares_with_core1 = count == 2U;
    return 1;
}

void ek_run_shares(ek_share_t *run, const void *task) {
    if (!shares_with_core1) {
        run(task, 0, 1);
        return;
    }
    __asm volatile("dmb" ::: "memory");
    push((uint32_t)(uintptr_t)run);
    push((uint32_t)(uintptr_t)task);
    run(task, 0, 2);
    if (pop() != DONE || *ek_core1_stack_low != UNTOUCHED) {
        ek_fault(0, 0); /* core 1 has lost its way, or run over its stack */
    }
    __asm volatile("dmb" ::: "memory");
}
