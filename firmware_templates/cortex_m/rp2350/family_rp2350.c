/* RP2350: 150 MHz from the 12 MHz crystal, UART0 on GPIO 0 and 1, the boot ROM's USB drive.
 * RP2350 datasheet, section numbers beside. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_hal.h"
#include "ek_rp2350.h"
#include "ek_usb.h"

/* 7.5 Subsystem resets */
#define RESET_IO_BANK0 (1U << 6)
#define RESET_PADS_BANK0 (1U << 9)
#define RESET_PLL_SYS (1U << 14)
#define RESET_UART0 (1U << 26)

/* 8.1 Clocks */
#define CLK_REF_CTRL 0x40010030U
#define CLK_REF_SELECTED 0x40010038U
#define CLK_REF_XOSC 2U
#define CLK_SYS_CTRL 0x4001003CU
#define CLK_SYS_SELECTED 0x40010044U
#define CLK_SYS_AUX 1U /* with AUXSRC 0: PLL_SYS */
#define CLK_PERI_CTRL 0x40010048U
#define CLK_PERI_ENABLE (1U << 11) /* with AUXSRC 0: clk_sys */

/* 8.2 Crystal oscillator */
#define XOSC_CTRL 0x40048000U
#define XOSC_CTRL_ENABLE_1_15_MHZ 0x00FABAA0U
#define XOSC_STATUS 0x40048004U
#define XOSC_STABLE (1U << 31)
#define XOSC_STARTUP 0x4004800CU
#define XOSC_STARTUP_4_MS (12000U * 4U / 256U)

/* 8.3 Ring oscillator, which runs at start */
#define ROSC_RANDOMBIT 0x400E8020U

/* 8.6 PLL: 12 MHz * FBDIV / (5 * 2); the VCO runs at 750 to 1600 MHz */
#define PLL_FBDIV (EK_CLOCK_HZ / 1000000U * 10U / 12U)
_Static_assert(PLL_FBDIV * 12U == EK_CLOCK_HZ / 1000000U * 10U && PLL_FBDIV >= 63 &&
                   PLL_FBDIV <= 133,
               "clock_hz must be a multiple of 1.2 MHz from 75.6 to 159.6 MHz");

/* 7.4 Power-on state machine: what a reset by the watchdog resets */
#define PSM_WDSEL 0x40018008U
#define PSM_ALL_BUT_OSCILLATORS 0x01FFFFF3U

/* 8.5 Tick generators, 12.9 watchdog: 24 bits of microseconds */
#define TICKS_WATCHDOG_CTRL 0x40108030U
#define TICKS_WATCHDOG_CTRL_ENABLE (1U << 0)
#define TICKS_WATCHDOG_CYCLES 0x40108034U
#define CRYSTAL_MHZ 12U
#define WATCHDOG_CTRL 0x400D8000U
#define WATCHDOG_CTRL_ENABLE (1U << 30)
#define WATCHDOG_LOAD 0x400D8004U
#define WATCHDOG_LOAD_MAX 0x00FFFFFFU
#define WATCHDOG_LOAD_VALUE (EK_CHIP_WATCHDOG_MS * 1000U)
#define WATCHDOG_REASON 0x400D8008U
#define WATCHDOG_REASON_TIMER (1U << 0)
#define WATCHDOG_SCRATCH4 0x400D801CU /* the boot ROM looks here for a way to boot */

/* 9.11 GPIO; a pad is isolated until bit 8 is cleared */
#define GPIO_CTRL(pin) (0x40028004U + (pin) * 8U)
#define GPIO_FUNCTION_UART 2U
#define PAD(pin) (0x40038004U + (pin) * 4U)
#define PAD_OUTPUT 0x56U         /* input on, Schmitt trigger, 4 mA, pull-down */
#define PAD_INPUT_PULLED_UP 0x5AU
#define TX_PIN 0U
#define RX_PIN 1U

/* 12.1 UART, a PL011 */
#define UART_DR (EK_REG_UART + 0x00U)
#define UART_FR (EK_REG_UART + 0x18U)
#define UART_FR_BUSY (1U << 3)
#define UART_FR_RXFE (1U << 4)
#define UART_FR_TXFF (1U << 5)
#define UART_IBRD (EK_REG_UART + 0x24U)
#define UART_FBRD (EK_REG_UART + 0x28U)
#define UART_LCR_H (EK_REG_UART + 0x2CU)
#define UART_LCR_8BIT_FIFO 0x70U
#define UART_CR (EK_REG_UART + 0x30U)
#define UART_CR_ENABLE_TX_RX 0x301U
#define UART_IFLS (EK_REG_UART + 0x34U)
#define UART_IFLS_RX_1_8 0U
#define UART_IMSC (EK_REG_UART + 0x38U)
#define UART_INTERRUPT_RX_AND_TIMEOUT (1U << 4 | 1U << 6)
#define UART_ICR (EK_REG_UART + 0x44U)

/* 5.4.8.24 */
#define ROM_REBOOT ROM_CODE('R', 'B')
#define REBOOT_TO_BOOTSEL_NO_RETURN 0x0102U
#define REBOOT_DELAY_MS 10U

/* 5.9.5: what makes an image one for this chip: executable, secure, Arm, RP2350. */
__attribute__((section(".image_def"), used)) static const uint32_t image_def[] = {
    0xFFFFDED3U, 0x10210142U, 0x000001FFU, 0x00000000U, 0xAB123579U,
};

static void select_source(uint32_t ctrl, uint32_t selected, uint32_t source) {
    REG(ctrl) = source;
    ek_wait_for(selected, 0xFFU, 1U << source);
}

static void start_clocks(void) {
    REG(XOSC_STARTUP) = XOSC_STARTUP_4_MS;
    REG(XOSC_CTRL) = XOSC_CTRL_ENABLE_1_15_MHZ;
    ek_wait_for(XOSC_STATUS, XOSC_STABLE, XOSC_STABLE);
    select_source(CLK_SYS_CTRL, CLK_SYS_SELECTED, 0); /* clk_ref, while the PLL is off */
    select_source(CLK_REF_CTRL, CLK_REF_SELECTED, CLK_REF_XOSC);
    ek_rp2350_unreset(RESET_PLL_SYS);
    ek_rp2350_start_pll(PLL_SYS, PLL_FBDIV, PLL_POSTDIV(5U, 2U));
    select_source(CLK_SYS_CTRL, CLK_SYS_SELECTED, CLK_SYS_AUX);
    REG(CLK_PERI_CTRL) = CLK_PERI_ENABLE;
}

static void start_uart(void) {
    ek_rp2350_unreset(RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_UART0);
    const uint32_t divisor_64ths = (EK_CLOCK_HZ * 4U + EK_BAUD / 2U) / EK_BAUD;
    REG(UART_IBRD) = divisor_64ths >> 6;
    REG(UART_FBRD) = divisor_64ths & 63U;
    REG(UART_LCR_H) = UART_LCR_8BIT_FIFO; /* this write also takes over the divisors */
    REG(UART_IFLS) = UART_IFLS_RX_1_8;
    REG(UART_IMSC) = UART_INTERRUPT_RX_AND_TIMEOUT;
    REG(UART_CR) = UART_CR_ENABLE_TX_RX;
    REG(GPIO_CTRL(TX_PIN)) = GPIO_FUNCTION_UART;
    REG(GPIO_CTRL(RX_PIN)) = GPIO_FUNCTION_UART;
    REG(PAD(TX_PIN)) = PAD_OUTPUT;
    REG(PAD(RX_PIN)) = PAD_INPUT_PULLED_UP;
}

void ek_family_start(void) {
    start_clocks();
    ek_dwt_start();
    start_uart();
    ek_usb_start();
    (void)ek_hal_use_cores(2); /* without core 1 it goes on with one */
}

int ek_uart_take(void) {
    REG(UART_ICR) = UART_INTERRUPT_RX_AND_TIMEOUT;
    return REG(UART_FR) & UART_FR_RXFE ? -1 : (int)(REG(UART_DR) & 0xFFU);
}

void ek_uart_put(uint8_t byte) {
    ek_wait_for(UART_FR, UART_FR_TXFF, 0);
    REG(UART_DR) = byte;
}

int ek_uart_is_sending(void) {
    return (REG(UART_FR) & UART_FR_BUSY) != 0U;
}

uint32_t ek_family_cycles(void) {
    return REG(DWT_CYCCNT);
}

uint32_t ek_family_random(void) {
    uint32_t bits = 0;
    for (int i = 0; i < 32; i++) {
        bits = bits << 1 | (REG(ROSC_RANDOMBIT) & 1U);
    }
    return bits;
}

int ek_family_was_watchdog(void) {
    return (REG(WATCHDOG_REASON) & WATCHDOG_REASON_TIMER) != 0U;
}

void ek_family_watchdog_feed(void) {
    REG(WATCHDOG_LOAD) = WATCHDOG_LOAD_VALUE & WATCHDOG_LOAD_MAX;
}

/* A model with a step that may take longer than it can wait goes without. */
void ek_family_watchdog_start(void) {
    CLEAR(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE;
    REG(TICKS_WATCHDOG_CYCLES) = CRYSTAL_MHZ;
    REG(TICKS_WATCHDOG_CTRL) = TICKS_WATCHDOG_CTRL_ENABLE;
    REG(PSM_WDSEL) = PSM_ALL_BUT_OSCILLATORS;
    REG(WATCHDOG_SCRATCH4) = 0; /* after a reset: boot from flash */
    ek_family_watchdog_feed();
    if (WATCHDOG_LOAD_VALUE <= WATCHDOG_LOAD_MAX) {
        SET(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE;
    }
}

void ek_family_bootloader(void) {
    CLEAR(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE; /* the ROM does not feed it */
    typedef int reboot_t(uint32_t flags, uint32_t delay_ms, uint32_t first, uint32_t second);
    reboot_t *reboot = (reboot_t *)ek_rp2350_rom(ROM_REBOOT);
    if (reboot) {
        (void)reboot(REBOOT_TO_BOOTSEL_NO_RETURN, REBOOT_DELAY_MS, 0, 0);
    }
}
