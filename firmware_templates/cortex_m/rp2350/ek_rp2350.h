/* ek_rp2350: what the RP2350's files share. RP2350 datasheet, section numbers beside. */
#ifndef EK_RP2350_H
#define EK_RP2350_H

#include "ek_family.h"

/* 2.1.3: aliases that set and clear the bits written */
#define SET(address) REG((address) + 0x2000U)
#define CLEAR(address) REG((address) + 0x3000U)

/* 7.5 Subsystem resets */
#define RESETS_RESET 0x40020000U
#define RESETS_DONE 0x40020008U

/* 8.6 PLLs: 12 MHz * FBDIV / (first * second divisor); the VCO runs at 750 to 1600 MHz */
#define PLL_SYS 0x40050000U
#define PLL_USB 0x40058000U
#define PLL_CS(pll) ((pll) + 0x00U)
#define PLL_LOCK (1U << 31)
#define PLL_PWR(pll) ((pll) + 0x04U)
#define PLL_PWR_PD_VCOPD (1U << 0 | 1U << 5)
#define PLL_PWR_POSTDIVPD (1U << 3)
#define PLL_FBDIV_INT(pll) ((pll) + 0x08U)
#define PLL_PRIM(pll) ((pll) + 0x0CU)
#define PLL_POSTDIV(first, second) ((first) << 16 | (second) << 12)

/* 5.4 Boot ROM: a function that finds functions, at a 16-bit address that lies at 0x16 */
#define ROM_LOOKUP 0x16U
#define ROM_CODE(first, second) ((uint32_t)(first) | (uint32_t)(second) << 8)
#define ROM_ARM_SECURE 0x0004U

static inline void ek_rp2350_unreset(uint32_t peripherals) {
    CLEAR(RESETS_RESET) = peripherals;
    ek_wait_for(RESETS_DONE, peripherals, peripherals);
}

/* Out of reset already. */
static inline void ek_rp2350_start_pll(uint32_t pll, uint32_t multiplier, uint32_t divisors) {
    REG(PLL_CS(pll)) = 1; /* reference divider */
    REG(PLL_FBDIV_INT(pll)) = multiplier;
    CLEAR(PLL_PWR(pll)) = PLL_PWR_PD_VCOPD;
    ek_wait_for(PLL_CS(pll), PLL_LOCK, PLL_LOCK);
    REG(PLL_PRIM(pll)) = divisors;
    CLEAR(PLL_PWR(pll)) = PLL_PWR_POSTDIVPD;
}

/* A function of the boot ROM by its two letters; NULL where it has none. */
static inline void *ek_rp2350_rom(uint32_t code) {
    typedef void *lookup_t(uint32_t code, uint32_t kind);
    volatile uintptr_t place = ROM_LOOKUP; /* compilers take a constant near 0 for a mistake */
    lookup_t *lookup = (lookup_t *)(uintptr_t)*(const uint16_t *)place;
    return lookup(code, ROM_ARM_SECURE);
}

#endif
