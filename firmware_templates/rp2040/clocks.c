#include "clocks.h"

#include "ek_config.h"
#include "registers.h"

#define CRYSTAL_HZ 12000000U
#define HZ_PER_MHZ 1000000U
/* 12 MHz * FBDIV / (6 * 2) = FBDIV MHz; the VCO must run at 750 to 1600 MHz. */
#define PLL_FBDIV (EK_CLOCK_HZ / HZ_PER_MHZ)
#define PLL_POSTDIV ((6U << 16) | (2U << 12))
_Static_assert(EK_CLOCK_HZ % HZ_PER_MHZ == 0 && PLL_FBDIV >= 63 && PLL_FBDIV <= 133,
               "clock_hz must be a whole number of MHz from 63 to 133");

/* 12 MHz * 100 / (5 * 5) = 48 MHz */
#define USB_FBDIV 100U
#define USB_POSTDIV ((5U << 16) | (5U << 12))

#define XOSC_STARTUP_MS 4U

/* Selects a source of a glitch-free multiplexer, and waits until it has switched. */
static void select_source(uint32_t ctrl, uint32_t selected, uint32_t source) {
    REG(ctrl) = source;
    while (REG(selected) != 1U << source) {
    }
}

static void start_crystal(void) {
    REG(XOSC_STARTUP) = CRYSTAL_HZ / 1000U * XOSC_STARTUP_MS / 256U;
    REG(XOSC_CTRL) = XOSC_CTRL_ENABLE_1_15_MHZ;
    while (!(REG(XOSC_STATUS) & XOSC_STABLE)) {
    }
}

static void start_pll(uint32_t pll, uint32_t multiplier, uint32_t divisors) {
    REG(PLL_CS(pll)) = 1; /* reference divider */
    REG(PLL_FBDIV_INT(pll)) = multiplier;
    REG_CLEAR(PLL_PWR(pll)) = PLL_PWR_PD | PLL_PWR_VCOPD;
    while (!(REG(PLL_CS(pll)) & PLL_LOCK)) {
    }
    REG(PLL_PRIM(pll)) = divisors;
    REG_CLEAR(PLL_PWR(pll)) = PLL_PWR_POSTDIVPD;
}

void ek_unreset(uint32_t peripherals) {
    REG_CLEAR(RESETS_RESET) = peripherals;
    while ((REG(RESETS_DONE) & peripherals) != peripherals) {
    }
}

void ek_clocks_start(void) {
    start_crystal();
    select_source(CLK_SYS_CTRL, CLK_SYS_SELECTED, 0); /* clk_ref, while the PLL is off */
    select_source(CLK_REF_CTRL, CLK_REF_SELECTED, CLK_REF_XOSC);
    ek_unreset(RESET_PLL_SYS);
    start_pll(PLL_SYS, PLL_FBDIV, PLL_POSTDIV);
    select_source(CLK_SYS_CTRL, CLK_SYS_SELECTED, CLK_SYS_AUX);
    REG(CLK_PERI_CTRL) = CLK_PERI_ENABLE;
    REG(WATCHDOG_TICK) = (CRYSTAL_HZ / HZ_PER_MHZ) | WATCHDOG_TICK_ENABLE;
    ek_unreset(RESET_TIMER);
}

void ek_clocks_start_usb(void) {
    ek_unreset(RESET_PLL_USB);
    start_pll(PLL_USB, USB_FBDIV, USB_POSTDIV);
    REG(CLK_USB_CTRL) = CLK_USB_ENABLE;
}
