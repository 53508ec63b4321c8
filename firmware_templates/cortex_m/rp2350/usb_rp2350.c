/* What the USB driver needs of the RP2350. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_rp2350.h"
#include "ek_usb_parts.h"

/* 7.5 */
#define RESET_PLL_USB (1U << 15)
#define RESET_USB (1U << 28)

/* 8.1 */
#define CLK_USB_CTRL 0x40010060U
#define CLK_USB_ENABLE (1U << 11) /* with AUXSRC 0: PLL_USB */

/* 5.4.8.17: the ROM knows the number that the chip got when it was made */
#define ROM_GET_SYS_INFO ROM_CODE('G', 'S')
#define SYS_INFO_CHIP 1U
#define SYS_INFO_CHIP_WORDS 4U /* what it has, the package, and the number's two words */

void ek_usb_chip_start(void) {
    ek_rp2350_unreset(RESET_PLL_USB);
    ek_rp2350_start_pll(PLL_USB, 100U, PLL_POSTDIV(5U, 5U)); /* 12 MHz * 100 / 25 */
    REG(CLK_USB_CTRL) = CLK_USB_ENABLE;
    SET(RESETS_RESET) = RESET_USB; /* a debugger may have restarted the processor only */
    ek_rp2350_unreset(RESET_USB);
}

void ek_usb_chip_enable_interrupt(void) {
    REG(NVIC_ISER(EK_REG_USB_IRQ)) = NVIC_BIT(EK_REG_USB_IRQ);
}

int ek_usb_chip_id(uint32_t id[2]) {
    typedef int get_sys_info_t(uint32_t *out, uint32_t words, uint32_t what);
    get_sys_info_t *get_sys_info = (get_sys_info_t *)ek_rp2350_rom(ROM_GET_SYS_INFO);
    uint32_t words[SYS_INFO_CHIP_WORDS] = {0};
    if (!get_sys_info || get_sys_info(words, SYS_INFO_CHIP_WORDS, SYS_INFO_CHIP) < 0 ||
        !(words[0] & SYS_INFO_CHIP)) {
        return 0;
    }
    id[0] = words[3];
    id[1] = words[2];
    return 1;
}
