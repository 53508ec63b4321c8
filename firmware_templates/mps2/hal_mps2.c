/* The HAL of Arm's MPS2 and MPS3 boards, as QEMU emulates them: UART 0 and a cycle counter. */
#include "ek_config.h"
#include "ek_frame.h"
#include "ek_hal.h"
#include "registers.h"

#define HZ_PER_MHZ 1000000U

/* Nothing on these boards is random. The emulator puts another number here at every start. */
extern const volatile uint32_t ek_flash_last_word;

static uint64_t ticks; /* of COUNTER */
static uint32_t last_count;

#define WATCHDOG_TICKS (EK_WATCHDOG_MS * (EK_REG_WATCHDOG_HZ / 1000U))
_Static_assert(EK_WATCHDOG_MS < UINT32_MAX / (EK_REG_WATCHDOG_HZ / 1000U), "the countdown has 32 bits");

void ek_hal_init(void) {
    REG(WATCHDOG_LOCK) = WATCHDOG_LOCK_KEY;
    const uint32_t divisor = EK_CLOCK_HZ / EK_BAUD;
    REG(UART_BAUDDIV) = divisor < UART_BAUDDIV_MIN ? UART_BAUDDIV_MIN : divisor;
    REG(UART_CTRL) = UART_CTRL_TX_RX_AND_RX_INTERRUPT;
    REG(NVIC_ISER(EK_REG_UART_RX)) = NVIC_BIT(EK_REG_UART_RX);
    last_count = REG(COUNTER);
}

void ek_hal_feed(void) {
    REG(WATCHDOG_LOAD) = WATCHDOG_TICKS;
    REG(WATCHDOG_CONTROL) = WATCHDOG_CONTROL_NMI_RESET;
}

int ek_hal_get(void) {
    if (!(REG(UART_STATE) & UART_STATE_RX_FULL)) {
        return -1;
    }
    REG(UART_INTCLEAR) = UART_INT_RX;
    return (int)(REG(UART_DATA) & 0xFFU);
}

void ek_hal_put(uint8_t byte) {
    while (REG(UART_STATE) & UART_STATE_TX_FULL) {
    }
    REG(UART_DATA) = byte;
}

void ek_hal_flush(void) {
    while (REG(UART_STATE) & UART_STATE_TX_FULL) {
    }
}

/* Interrupts are masked: a pending one ends WFI without being taken. A byte that comes between the
 * two lines leaves it pending, and WFI does not wait. */
void ek_hal_idle(void) {
    REG(NVIC_ICPR(EK_REG_UART_RX)) = NVIC_BIT(EK_REG_UART_RX);
    if (!(REG(UART_STATE) & UART_STATE_RX_FULL)) {
        REG(WATCHDOG_CONTROL) = 0; /* there is no saying when the host will speak */
        __asm volatile("wfi");
    }
}

/* The counter has 32 bits; so long as it is read once per round of it, nothing is lost. */
uint64_t ek_hal_cycles(void) {
    const uint32_t count = REG(COUNTER);
    ticks += count - last_count;
    last_count = count;
    return ticks * (EK_CLOCK_HZ / HZ_PER_MHZ) / (EK_REG_COUNTER_HZ / HZ_PER_MHZ);
}

uint32_t ek_hal_boot_id(void) {
    return ek_flash_last_word;
}

_Noreturn void ek_hal_reset(uint8_t kind) {
    (void)kind; /* there is no bootloader to enter */
    REG(SCB_AIRCR) = SCB_AIRCR_RESET;
    for (;;) {
    }
}
