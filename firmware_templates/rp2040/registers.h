/* The RP2040's registers that we touch, and no others. RP2040 datasheet, section numbers beside. */
#ifndef EK_RP2040_REGISTERS_H
#define EK_RP2040_REGISTERS_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
/* Aliases of most peripherals' registers that set or clear the bits written (2.1.2). */
#define REG_SET(address) REG((address) + 0x2000U)
#define REG_CLEAR(address) REG((address) + 0x3000U)

/* 2.14 Resets */
#define RESETS_RESET 0x4000C000U
#define RESETS_DONE 0x4000C008U
#define RESET_IO_BANK0 (1U << 5)
#define RESET_PADS_BANK0 (1U << 8)
#define RESET_PLL_SYS (1U << 12)
#define RESET_PLL_USB (1U << 13)
#define RESET_TIMER (1U << 21)
#define RESET_UART0 (1U << 22)
#define RESET_USB (1U << 24)

/* 2.13 Power-on state machine: what a watchdog reset resets */
#define PSM_WDSEL 0x40010008U
#define PSM_ALL_BUT_OSCILLATORS 0x0001FFFCU

/* 2.15 Clocks */
#define CLK_REF_CTRL 0x40008030U
#define CLK_REF_SELECTED 0x40008038U
#define CLK_REF_XOSC 2U
#define CLK_SYS_CTRL 0x4000803CU
#define CLK_SYS_SELECTED 0x40008044U
#define CLK_SYS_AUX 1U /* with AUXSRC 0: PLL_SYS */
#define CLK_PERI_CTRL 0x40008048U
#define CLK_PERI_ENABLE (1U << 11) /* with AUXSRC 0: clk_sys */

#define CLK_USB_CTRL 0x40008054U
#define CLK_USB_ENABLE (1U << 11) /* with AUXSRC 0: PLL_USB */

/* 2.16 Crystal oscillator */
#define XOSC_CTRL 0x40024000U
#define XOSC_CTRL_ENABLE_1_15_MHZ 0x00FABAA0U
#define XOSC_STATUS 0x40024004U
#define XOSC_STABLE (1U << 31)
#define XOSC_STARTUP 0x4002400CU /* in units of 256 crystal cycles */

/* 2.17 ROSC, for random bits */
#define ROSC_RANDOMBIT 0x4006001CU

/* 2.18 PLL */
#define PLL_SYS 0x40028000U
#define PLL_USB 0x4002C000U
#define PLL_CS(pll) ((pll) + 0x00U)
#define PLL_LOCK (1U << 31)
#define PLL_PWR(pll) ((pll) + 0x04U)
#define PLL_PWR_PD (1U << 0)
#define PLL_PWR_POSTDIVPD (1U << 3)
#define PLL_PWR_VCOPD (1U << 5)
#define PLL_FBDIV_INT(pll) ((pll) + 0x08U)
#define PLL_PRIM(pll) ((pll) + 0x0CU)

/* 2.19 GPIO */
#define GPIO0_CTRL 0x40014004U
#define GPIO1_CTRL 0x4001400CU
#define GPIO_FUNCTION_UART 2U
#define PAD_GPIO1 0x4001C008U
#define PAD_INPUT_PULLED_UP 0x5AU /* input on, pull-up, Schmitt trigger, 4 mA */

/* 4.2 UART, a PL011 */
#define UART0_DR 0x40034000U
#define UART0_FR 0x40034018U
#define UART_FR_BUSY (1U << 3)
#define UART_FR_RXFE (1U << 4)
#define UART_FR_TXFF (1U << 5)
#define UART0_IBRD 0x40034024U
#define UART0_FBRD 0x40034028U
#define UART0_LCR_H 0x4003402CU
#define UART_LCR_8BIT_FIFO 0x70U
#define UART0_CR 0x40034030U
#define UART_CR_ENABLE_TX_RX 0x301U

/* 4.6 Timer, 1 MHz; 4.7 watchdog, whose tick drives the timer */
#define TIMER_RAWH 0x40054024U
#define TIMER_RAWL 0x40054028U
#define WATCHDOG_CTRL 0x40058000U
#define WATCHDOG_TRIGGER (1U << 31)
#define WATCHDOG_ENABLE (1U << 30)
#define WATCHDOG_LOAD_REGISTER 0x40058004U
#define WATCHDOG_REASON 0x40058008U
#define WATCHDOG_REASON_TIMER (1U << 0) /* and not this firmware's own TRIGGER */
#define WATCHDOG_SCRATCH0 0x4005800CU
#define WATCHDOG_SCRATCH4 0x4005801CU /* the boot ROM looks here for a way to boot */
#define WATCHDOG_TICK 0x4005802CU
#define WATCHDOG_TICK_ENABLE (1U << 9)

/* ARMv6-M system registers */
#define SYST_CSR 0xE000E010U
#define SYST_ENABLE_CPU_CLOCK 5U
#define SYST_RVR 0xE000E014U
#define SYST_CVR 0xE000E018U
#define SYST_MASK 0x00FFFFFFU
#define NVIC_ISER 0xE000E100U
#define IRQ_USB 5U /* 2.3.2 */

/* 2.8.3 Boot ROM, at address 0; the linker script places it, because compilers take a constant
 * pointer near 0 for a mistake. Addresses in it are 16 bits. */
typedef struct {
    uint32_t vectors[4];
    uint32_t magic; /* 'M', 'u', 1, then the ROM's version */
    uint16_t function_table;
    uint16_t data_table;
    uint16_t lookup; /* void *lookup(table, code) */
} ek_boot_rom_t;
extern const volatile ek_boot_rom_t ek_boot_rom;
#define ROM_MAGIC_MASK 0x00FFFFFFU
#define ROM_MAGIC 0x0001754DU
#define ROM_RESET_TO_USB_BOOT 0x4255U /* 'U', 'B' */

#endif
