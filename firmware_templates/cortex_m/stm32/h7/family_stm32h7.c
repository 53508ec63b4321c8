/* STM32H743: 400 MHz, which every revision reaches, from the 8 MHz of a Nucleo's ST-LINK; USART3.
 * RM0433. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_family.h"
#include "ek_stm32.h"

#define CLOCK_MHZ (EK_CLOCK_HZ / 1000000U)
#define REFERENCE_MHZ 2U /* 8 MHz / 4 */
_Static_assert(CLOCK_MHZ <= 400U, "more needs voltage scale 0, which early revisions lack");

#define RCC 0x58024400U
#define RCC_CR (RCC + 0x00U)
#define RCC_CR_HSE_BYPASS (1U << 16 | 1U << 18)
#define RCC_CR_HSE_READY (1U << 17)
#define RCC_CR_PLL_ON (1U << 24)
#define RCC_CR_PLL_READY (1U << 25)
#define RCC_CFGR (RCC + 0x10U)
#define RCC_CFGR_PLL 3U
#define RCC_CFGR_SWITCHED (7U << 3)
#define RCC_D1CFGR (RCC + 0x18U)
#define RCC_D1CFGR_BUS_BY_2_APB_BY_2 (8U | 4U << 4)
#define RCC_D2CFGR (RCC + 0x1CU)
#define RCC_D2CFGR_APBS_BY_2 (4U << 4 | 4U << 8)
#define RCC_D3CFGR (RCC + 0x20U)
#define RCC_D3CFGR_APB_BY_2 (4U << 4)
#define RCC_PLLCKSELR (RCC + 0x28U)
#define RCC_PLLCKSELR_HSE_BY_4 (2U | 4U << 4)
#define RCC_PLLCFGR (RCC + 0x2CU)
#define RCC_PLLCFGR_2_TO_4_MHZ_P (1U << 2 | 1U << 16)
#define RCC_PLL1DIVR (RCC + 0x30U)
#define RCC_PLL1DIVR_VALUE \
    (CLOCK_MHZ * 2U / REFERENCE_MHZ - 1U | 1U << 9 | 1U << 16 | 1U << 24) /* P, Q and R = 2 */
#define RCC_AHB4ENR (RCC + 0xE0U)
#define RCC_AHB4ENR_GPIOD (1U << 3)
#define RCC_APB1LENR (RCC + 0xE8U)
#define RCC_APB1LENR_USART3 (1U << 18)

#define PWR_CSR1 0x58024804U
#define PWR_CSR1_READY (1U << 13)
#define PWR_CR3 0x5802480CU
#define PWR_CR3_LDO 2U /* written once: which regulator the board has */
#define PWR_D3CR 0x58024818U
#define PWR_D3CR_SCALE_1 (3U << 14)
#define PWR_D3CR_READY (1U << 13)

#define FLASH_ACR 0x52002000U
#define FLASH_ACR_2_WAITS (2U | 2U << 4)

#define GPIOD 0x58020C00U
#define TX_PIN 8U
#define RX_PIN 9U
#define USART_FUNCTION 7U

/* Cortex-M7 caches: 16 KiB each, data in 4 ways of 128 lines of 32 bytes. */
#define SCB_CCR 0xE000ED14U
#define SCB_CCR_CACHES (1U << 16 | 1U << 17)
#define SCB_ICIALLU 0xE000EF50U
#define SCB_DCISW 0xE000EF60U
#define WAYS 4U
#define SETS 128U

static void start_caches(void) {
    REG(SCB_ICIALLU) = 0;
    for (uint32_t way = 0; way < WAYS; way++) {
        for (uint32_t set = 0; set < SETS; set++) {
            REG(SCB_DCISW) = way << 30 | set << 5;
        }
    }
    __asm volatile("dsb\n isb" ::: "memory");
    REG(SCB_CCR) |= SCB_CCR_CACHES;
    __asm volatile("dsb\n isb" ::: "memory");
}

static void start_power(void) {
    REG(PWR_CR3) = PWR_CR3_LDO;
    ek_wait_for(PWR_CSR1, PWR_CSR1_READY, PWR_CSR1_READY);
    REG(PWR_D3CR) = PWR_D3CR_SCALE_1;
    ek_wait_for(PWR_D3CR, PWR_D3CR_READY, PWR_D3CR_READY);
}

static void start_clocks(void) {
    REG(RCC_CR) |= RCC_CR_HSE_BYPASS;
    ek_wait_for(RCC_CR, RCC_CR_HSE_READY, RCC_CR_HSE_READY);
    REG(RCC_PLLCKSELR) = RCC_PLLCKSELR_HSE_BY_4;
    REG(RCC_PLLCFGR) = RCC_PLLCFGR_2_TO_4_MHZ_P;
    REG(RCC_PLL1DIVR) = RCC_PLL1DIVR_VALUE;
    REG(RCC_CR) |= RCC_CR_PLL_ON;
    ek_wait_for(RCC_CR, RCC_CR_PLL_READY, RCC_CR_PLL_READY);
    REG(FLASH_ACR) = FLASH_ACR_2_WAITS;
    ek_wait_for(FLASH_ACR, FLASH_ACR_2_WAITS, FLASH_ACR_2_WAITS);
    REG(RCC_D1CFGR) = RCC_D1CFGR_BUS_BY_2_APB_BY_2;
    REG(RCC_D2CFGR) = RCC_D2CFGR_APBS_BY_2;
    REG(RCC_D3CFGR) = RCC_D3CFGR_APB_BY_2;
    REG(RCC_CFGR) = RCC_CFGR_PLL;
    ek_wait_for(RCC_CFGR, RCC_CFGR_SWITCHED, RCC_CFGR_PLL << 3);
}

void ek_family_start(void) {
    start_power();
    start_clocks();
    start_caches();
    ek_dwt_start();
    REG(RCC_AHB4ENR) |= RCC_AHB4ENR_GPIOD;
    REG(RCC_APB1LENR) |= RCC_APB1LENR_USART3;
    (void)REG(RCC_APB1LENR);
    ek_stm32_alternate(GPIOD, TX_PIN, USART_FUNCTION);
    ek_stm32_alternate(GPIOD, RX_PIN, USART_FUNCTION);
    ek_usart_start(EK_CLOCK_HZ / 4U, EK_BAUD);
}
