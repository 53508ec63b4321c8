/* Core 1 of an RP2040 or RP2350: launched once, then it waits for shares of layers.
 * RP2040 datasheet 2.3.1.4 and 2.8.2, RP2350 datasheet 3.1.5 and 5.3.
 *
 * The cores meet through the FIFOs only: core 0 sends a function and its task, does the other share
 * itself, and waits for one word back. Neither ever holds more than two words of the other's.
 */
#define EK_CORES_BY_FIRMWARE
#include "ek_cores.h"

#include "ek_cores_chip.h"
#include "ek_entry.h"
#include "ek_hal.h"

#define WORD(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SET(address) WORD((address) + 0x2000U) /* aliases that set and clear the bits written */
#define CLEAR(address) WORD((address) + 0x3000U)

/* The FIFOs between the cores */
#define FIFO_ST 0xD0000050U
#define FIFO_VALID (1U << 0) /* there is a word to read */
#define FIFO_READY (1U << 1) /* there is room to write one */
#define FIFO_WR 0xD0000054U
#define FIFO_RD 0xD0000058U

#define VTOR 0xE000ED08U

#define DONE 0xD0E5U
#define UNTOUCHED 0x5AA5C33CU
#define PATIENCE 100000U /* looks at a FIFO: some milliseconds, where an answer takes microseconds */
#define ATTEMPTS 16

extern uint32_t ek_core1_stack_low[], ek_core1_stack_top[];

static uint8_t shares_with_core1;
static uint8_t is_launched;

static void push(uint32_t word) {
    while (!(WORD(FIFO_ST) & FIFO_READY)) {
    }
    WORD(FIFO_WR) = word;
    __asm volatile("sev");
}

static uint32_t pop(void) {
    while (!(WORD(FIFO_ST) & FIFO_VALID)) {
    }
    return WORD(FIFO_RD);
}

/* The next word, or `otherwise` when none comes. */
static uint32_t pop_soon(uint32_t otherwise) {
    for (uint32_t looks = 0; looks < PATIENCE; looks++) {
        if (WORD(FIFO_ST) & FIFO_VALID) {
            return WORD(FIFO_RD);
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
    SET(EK_PSM_FORCE_OFF) = EK_PSM_CORE1;
    for (uint32_t looks = 0; looks < PATIENCE && !(WORD(EK_PSM_FORCE_OFF) & EK_PSM_CORE1); looks++) {
    }
    CLEAR(EK_PSM_FORCE_OFF) = EK_PSM_CORE1;
}

static void drain(void) {
    while (WORD(FIFO_ST) & FIFO_VALID) {
        (void)WORD(FIFO_RD);
    }
}

/* The boot ROM answers each word with itself; else the launch begins again. */
static int launch(void) {
    const uint32_t words[] = {0, 0, 1, WORD(VTOR), (uint32_t)(uintptr_t)ek_core1_stack_top,
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
