/* nRF51822 and nRF52840: the crystal, and the UART that both have. Product specifications: nRF51
 * reference manual 3.0, nRF52840 PS 1.7. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_family.h"

#define CLOCK_START 0x40000000U
#define CLOCK_STARTED 0x40000100U

#define GPIO(pin) (0x50000000U + (pin) / 32U * 0x300U) /* P0, P1 */
#define GPIO_OUTSET(pin) (GPIO(pin) + 0x508U)
#define GPIO_DIRSET(pin) (GPIO(pin) + 0x518U)
#define GPIO_CONFIG(pin) (GPIO(pin) + 0x700U + (pin) % 32U * 4U)
#define GPIO_CONFIG_INPUT_PULLED_UP (3U << 2)

#define UART_START_RX 0x40002000U
#define UART_START_TX 0x40002008U
#define UART_HAS_RX 0x40002108U
#define UART_HAS_SENT 0x4000211CU
#define UART_INTENSET 0x40002304U
#define UART_INTENSET_RX (1U << 2)
#define UART_ENABLE 0x40002500U
#define UART_ENABLE_ON 4U
#define UART_PIN_TX 0x4000250CU
#define UART_PIN_RX 0x40002514U
#define UART_RXD 0x40002518U
#define UART_TXD 0x4000251CU
#define UART_BAUDRATE 0x40002524U
#define UART_BAUDRATE_115200 0x01D7E000U

#define RNG_START 0x4000D000U
#define RNG_STOP 0x4000D004U
#define RNG_HAS_VALUE 0x4000D100U
#define RNG_VALUE 0x4000D508U

_Static_assert(EK_BAUD == 115200U, "the baud rate register has no formula");

static uint8_t sending;

#if defined(__ARM_ARCH_6M__)

/* The Cortex-M0 counts no cycles; a timer of the same 16 MHz does. */
#define TIMER_START 0x40008000U
#define TIMER_CAPTURE 0x40008040U
#define TIMER_WIDTH 0x40008508U
#define TIMER_WIDTH_32 3U
#define TIMER_PRESCALER 0x40008510U
#define TIMER_CAPTURED 0x40008540U
_Static_assert(EK_CLOCK_HZ == 16000000U, "the timer counts at 16 MHz");

static void start_counter(void) {
    REG(TIMER_WIDTH) = TIMER_WIDTH_32;
    REG(TIMER_PRESCALER) = 0;
    REG(TIMER_START) = 1;
}

uint32_t ek_family_cycles(void) {
    REG(TIMER_CAPTURE) = 1;
    return REG(TIMER_CAPTURED);
}

#else

#define NVMC_CACHE 0x4001E540U
#define NVMC_CACHE_ON (1U << 0)

static void start_counter(void) {
    REG(NVMC_CACHE) = NVMC_CACHE_ON;
    ek_dwt_start();
}

uint32_t ek_family_cycles(void) {
    return REG(DWT_CYCCNT);
}

#endif

static void start_uart(void) {
    REG(GPIO_OUTSET(EK_REG_UART_TX)) = 1U << EK_REG_UART_TX % 32U;
    REG(GPIO_DIRSET(EK_REG_UART_TX)) = 1U << EK_REG_UART_TX % 32U;
    REG(GPIO_CONFIG(EK_REG_UART_RX)) = GPIO_CONFIG_INPUT_PULLED_UP;
    REG(UART_PIN_TX) = EK_REG_UART_TX;
    REG(UART_PIN_RX) = EK_REG_UART_RX;
    REG(UART_BAUDRATE) = UART_BAUDRATE_115200;
    REG(UART_ENABLE) = UART_ENABLE_ON;
    REG(UART_INTENSET) = UART_INTENSET_RX;
    REG(UART_START_RX) = 1;
    REG(UART_START_TX) = 1;
}

void ek_family_start(void) {
    REG(CLOCK_STARTED) = 0;
    REG(CLOCK_START) = 1; /* the crystal: the oscillator on the chip is off by a percent */
    ek_wait_for(CLOCK_STARTED, 1, 1);
    start_counter();
    start_uart();
}

int ek_uart_take(void) {
    if (!REG(UART_HAS_RX)) {
        return -1;
    }
    REG(UART_HAS_RX) = 0; /* before reading: another byte in the FIFO sets it again */
    return (int)(REG(UART_RXD) & 0xFFU);
}

void ek_uart_put(uint8_t byte) {
    while (ek_uart_is_sending()) {
    }
    REG(UART_HAS_SENT) = 0;
    sending = 1;
    REG(UART_TXD) = byte;
}

int ek_uart_is_sending(void) {
    if (REG(UART_HAS_SENT)) {
        sending = 0;
    }
    return sending;
}

uint32_t ek_family_random(void) {
    uint32_t bits = 0;
    REG(RNG_START) = 1;
    for (int i = 0; i < 4; i++) {
        REG(RNG_HAS_VALUE) = 0;
        ek_wait_for(RNG_HAS_VALUE, 1, 1);
        bits = bits << 8 | (REG(RNG_VALUE) & 0xFFU);
    }
    REG(RNG_STOP) = 1;
    return bits;
}

/* The chip's own watchdog is left alone: once started it runs through a restart and while a probe
 * writes flash, and would reset the chip in the midst of that. */
void ek_family_bootloader(void) {} /* flashed over SWD: it needs none */
