/* STM32U575: 160 MHz from its own 4 MHz oscillator, which is exact to about one percent: cycles are
 * exact, times as good as that. USART1. RM0456. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_family.h"
#include "ek_stm32.h"

#define CLOCK_MHZ (EK_CLOCK_HZ / 1000000U)
#define INPUT_MHZ 4U
_Static_assert(CLOCK_MHZ > 128U && CLOCK_MHZ <= 160U, "the wait states are for this");

#define RCC 0x46020C00U
#define RCC_CR (RCC + 0x00U)
#define RCC_CR_PLL_ON (1U << 24)
#define RCC_CR_PLL_READY (1U << 25)
#define RCC_CFGR1 (RCC + 0x1CU)
#define RCC_CFGR1_PLL 3U
#define RCC_CFGR1_SWITCHED (3U << 2)
#define RCC_PLL1CFGR (RCC + 0x28U)
#define RCC_PLL1CFGR_MSI_R (1U | 1U << 18) /* 4 to 8 MHz in, divided by one; R goes out */
#define RCC_PLL1DIVR (RCC + 0x34U)
#define RCC_PLL1DIVR_VALUE \
    (CLOCK_MHZ * 2U / INPUT_MHZ - 1U | 1U << 9 | 1U << 16 | 1U << 24) /* P, Q and R = 2 */
#define RCC_AHB2ENR1 (RCC + 0x8CU)
#define RCC_AHB2ENR1_GPIOA (1U << 0)
#define RCC_AHB3ENR (RCC + 0x94U)
#define RCC_AHB3ENR_PWR (1U << 2)
#define RCC_APB2ENR (RCC + 0xA4U)
#define RCC_APB2ENR_USART1 (1U << 14)

#define PWR_VOSR 0x4602080CU
#define PWR_VOSR_RANGE_1 (3U << 16)
#define PWR_VOSR_BOOST (1U << 18)
#define PWR_VOSR_BOOST_READY (1U << 14)
#define PWR_VOSR_READY (1U << 15)

#define FLASH_ACR 0x40022000U
#define FLASH_ACR_4_WAITS_PREFETCH (4U | 1U << 8)

#define ICACHE_CR 0x40030400U
#define ICACHE_CR_ON (1U << 0)

#define GPIOA 0x42020000U
#define TX_PIN 9U
#define RX_PIN 10U
#define USART_FUNCTION 7U

static void start_clocks(void) {
    REG(RCC_AHB3ENR) |= RCC_AHB3ENR_PWR;
    (void)REG(RCC_AHB3ENR);
    REG(PWR_VOSR) = PWR_VOSR_RANGE_1;
    ek_wait_for(PWR_VOSR, PWR_VOSR_READY, PWR_VOSR_READY);
    REG(RCC_PLL1CFGR) = RCC_PLL1CFGR_MSI_R;
    REG(RCC_PLL1DIVR) = RCC_PLL1DIVR_VALUE;
    REG(PWR_VOSR) |= PWR_VOSR_BOOST; /* above 55 MHz */
    ek_wait_for(PWR_VOSR, PWR_VOSR_BOOST_READY, PWR_VOSR_BOOST_READY);
    REG(RCC_CR) |= RCC_CR_PLL_ON;
    ek_wait_for(RCC_CR, RCC_CR_PLL_READY, RCC_CR_PLL_READY);
    REG(FLASH_ACR) = FLASH_ACR_4_WAITS_PREFETCH;
    ek_wait_for(FLASH_ACR, FLASH_ACR_4_WAITS_PREFETCH, FLASH_ACR_4_WAITS_PREFETCH);
    REG(RCC_CFGR1) = RCC_CFGR1_PLL;
    ek_wait_for(RCC_CFGR1, RCC_CFGR1_SWITCHED, RCC_CFGR1_PLL << 2);
}

void ek_family_start(void) {
    start_clocks();
    REG(ICACHE_CR) = ICACHE_CR_ON;
    ek_dwt_start();
    REG(RCC_AHB2ENR1) |= RCC_AHB2ENR1_GPIOA;
    REG(RCC_APB2ENR) |= RCC_APB2ENR_USART1;
    (void)REG(RCC_APB2ENR);
    ek_stm32_alternate(GPIOA, TX_PIN, USART_FUNCTION);
    ek_stm32_alternate(GPIOA, RX_PIN, USART_FUNCTION);
    ek_usart_start(EK_CLOCK_HZ, EK_BAUD);
}
