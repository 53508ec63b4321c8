/* The HAL of the RP2040: UART0 on GPIO 0 and 1 (USB is in rp_usb/), SysTick and timer, watchdog and
 * boot ROM. */
#include "clocks.h"
#include "ek_config.h"
#include "ek_frame.h"
#include "ek_hal.h"
#include "ek_ports.h"
#include "ek_usb.h"
#include "registers.h"

#define CYCLES_PER_US (EK_CLOCK_HZ / 1000000U)

static uint32_t boot_id;
static uint64_t start_us;

static void start_uart(void) {
    ek_unreset(RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_UART0);
    const uint32_t divisor_64ths = (EK_CLOCK_HZ * 4U + EK_BAUD / 2U) / EK_BAUD;
    REG(UART0_IBRD) = divisor_64ths >> 6;
    REG(UART0_FBRD) = divisor_64ths & 63U;
    REG(UART0_LCR_H) = UART_LCR_8BIT_FIFO; /* this write also takes over the divisors */
    REG(UART0_CR) = UART_CR_ENABLE_TX_RX;
    REG(PAD_GPIO1) = PAD_INPUT_PULLED_UP; /* an open RX line must not look like a start bit */
    REG(GPIO0_CTRL) = GPIO_FUNCTION_UART;
    REG(GPIO1_CTRL) = GPIO_FUNCTION_UART;
}

/* Random bits tell power-ups apart; the scratch register, which a watchdog reset leaves alone,
 * tells restarts apart even if the bits should repeat. */
static uint32_t draw_boot_id(void) {
    uint32_t seed[2] = {0, REG(WATCHDOG_SCRATCH0) + 1U};
    REG(WATCHDOG_SCRATCH0) = seed[1];
    for (int i = 0; i < 32; i++) {
        seed[0] = (seed[0] << 1) | (REG(ROSC_RANDOMBIT) & 1U);
    }
    return ek_crc32(0, seed, sizeof seed);
}

static uint64_t now_us(void) {
    for (;;) { /* the raw halves, read again when the low one has wrapped between */
        uint32_t high = REG(TIMER_RAWH);
        uint32_t low = REG(TIMER_RAWL);
        if (REG(TIMER_RAWH) == high) {
            return ((uint64_t)high << 32) | low;
        }
    }
}

static void start_cycle_counter(void) {
    REG(SYST_RVR) = SYST_MASK;
    REG(SYST_CVR) = 0;
    REG(SYST_CSR) = SYST_ENABLE_CPU_CLOCK;
    start_us = now_us();
}

/* 24 bits of microseconds, two of them gone per tick (erratum RP2040-E1). */
#define WATCHDOG_LOAD (EK_WATCHDOG_MS * 1000U * 2U)
#define WATCHDOG_LOAD_MAX 0x00FFFFFFU
#define HAS_WATCHDOG (WATCHDOG_LOAD <= WATCHDOG_LOAD_MAX)

/* What a reset by the watchdog does. */
static void choose_reset(void) {
    REG(WATCHDOG_SCRATCH4) = 0; /* boot from flash */
    REG(PSM_WDSEL) = PSM_ALL_BUT_OSCILLATORS;
}

/* A model with a step that may take longer than the watchdog can wait goes without. A debugger
 * that halts a core halts it too: CTRL comes up that way. */
static void start_watchdog(void) {
    REG_CLEAR(WATCHDOG_CTRL) = WATCHDOG_ENABLE; /* it may have run on through a restart */
    choose_reset();
    ek_hal_feed();
    if (HAS_WATCHDOG) {
        REG_SET(WATCHDOG_CTRL) = WATCHDOG_ENABLE;
    }
}

void ek_hal_feed(void) {
    REG(WATCHDOG_LOAD_REGISTER) = HAS_WATCHDOG ? WATCHDOG_LOAD : WATCHDOG_LOAD_MAX;
}

int ek_hal_was_watchdog(void) {
    return (REG(WATCHDOG_REASON) & WATCHDOG_REASON_TIMER) != 0U;
}

/* Scratch 0 counts boots and 4 is the boot ROM's: 1, 2, 3, 5, 6 and 7. */
volatile uint32_t *ek_hal_kept(uint32_t place) {
    const uint32_t number = 1U + place + (place > 2U);
    return &REG(WATCHDOG_SCRATCH0 + 4U * number);
}

void ek_hal_init(void) {
    ek_clocks_start();
    start_watchdog();
    boot_id = draw_boot_id();
    start_uart();
    start_cycle_counter();
    ek_usb_start();
    (void)ek_hal_use_cores(2); /* without core 1 it goes on with one */
}

int ek_uart_get(void) {
    if (REG(UART0_FR) & UART_FR_RXFE) {
        return -1;
    }
    return (int)(REG(UART0_DR) & 0xFFU); /* a byte with a line error falls to the frame's CRC */
}

void ek_uart_put(uint8_t byte) {
    while (REG(UART0_FR) & UART_FR_TXFF) {
    }
    REG(UART0_DR) = byte;
}

void ek_uart_flush(void) {
    while (REG(UART0_FR) & UART_FR_BUSY) {
    }
}

void ek_hal_idle(void) {} /* polls: the processor has nothing else to do */

/* SysTick counts cycles exactly, but wraps every 0.13 s; the timer counts microseconds of the same
 * crystal for ever. The timer gives the rough count, SysTick its low 24 bits: what the two differ
 * by, taken as a signed 24-bit number, corrects the rough one. */
uint64_t ek_hal_cycles(void) {
    uint64_t rough = (now_us() - start_us) * CYCLES_PER_US;
    uint32_t low = (0U - REG(SYST_CVR)) & SYST_MASK;
    uint32_t difference = (low - (uint32_t)rough) & SYST_MASK;
    int32_t correction = (int32_t)(difference << 8) / 256;
    return rough + (uint64_t)(int64_t)correction;
}

uint32_t ek_hal_boot_id(void) {
    return boot_id;
}

/* The boot ROM's own way into its USB drive; absent only where there is no such ROM. */
static void enter_bootloader(void) {
    typedef void *lookup_t(uint16_t *table, uint32_t code);
    typedef void reset_to_usb_boot_t(uint32_t activity_led_mask, uint32_t disabled_interfaces);
    if ((ek_boot_rom.magic & ROM_MAGIC_MASK) != ROM_MAGIC) {
        return;
    }
    REG_CLEAR(WATCHDOG_CTRL) = WATCHDOG_ENABLE; /* the ROM does not feed it */
    uint16_t *table = (uint16_t *)(uintptr_t)ek_boot_rom.function_table;
    lookup_t *lookup = (lookup_t *)(uintptr_t)ek_boot_rom.lookup;
    reset_to_usb_boot_t *reset_to_usb_boot =
        (reset_to_usb_boot_t *)lookup(table, ROM_RESET_TO_USB_BOOT);
    if (reset_to_usb_boot) {
        reset_to_usb_boot(0, 0);
    }
}

_Noreturn void ek_hal_reset(uint8_t kind) {
    if (kind == EK_RESET_BOOTLOADER) {
        enter_bootloader();
    }
    choose_reset();
    REG_SET(WATCHDOG_CTRL) = WATCHDOG_TRIGGER;
    for (;;) {
    }
}
