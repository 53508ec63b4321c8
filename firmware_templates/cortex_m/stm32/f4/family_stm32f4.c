/* STM32F446: 180 MHz from the 8 MHz that a Nucleo's ST-LINK gives, USART2. RM0390. */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_family.h"
#include "ek_stm32.h"

#define INPUT_MHZ 8U
#define REFERENCE_MHZ 2U
#define CLOCK_MHZ (EK_CLOCK_HZ / 1000000U)
_Static_assert(CLOCK_MHZ > 168U && CLOCK_MHZ <= 180U, "the overdrive and wait states are for this");

#define RCC_CR 0x40023800U
#define RCC_CR_HSE_BYPASS (1U << 16 | 1U << 18)
#define RCC_CR_HSE_READY (1U << 17)
#define RCC_CR_PLL_ON (1U << 24)
#define RCC_CR_PLL_READY (1U << 25)
#define RCC_PLLCFGR 0x40023804U
/* M = input / reference, N = clock * 2 / reference, P = 2, from HSE; Q and R are not used. */
#define RCC_PLLCFGR_VALUE \
    (INPUT_MHZ / REFERENCE_MHZ | CLOCK_MHZ * 2U / REFERENCE_MHZ << 6 | 1U << 22 | 8U << 24 | 2U << 28)
#define RCC_CFGR 0x40023808U
#define RCC_CFGR_APB1_BY_4_APB2_BY_2 (5U << 10 | 4U << 13)
#define RCC_CFGR_PLL 2U
#define RCC_CFGR_SWITCHED (3U << 2)
#define RCC_AHB1ENR 0x40023830U
#define RCC_AHB1ENR_GPIOA (1U << 0)
#define RCC_APB1ENR 0x40023840U
#define RCC_APB1ENR_USART2 (1U << 17)
#define RCC_APB1ENR_PWR (1U << 28)

#define PWR_CR 0x40007000U
#define PWR_CR_SCALE_1 (3U << 14)
#define PWR_CR_OVERDRIVE (1U << 16)
#define PWR_CR_OVERDRIVE_SWITCH (1U << 17)
#define PWR_CSR 0x40007004U

#define FLASH_ACR 0x40023C00U
#define FLASH_ACR_5_WAITS_CACHES (5U | 7U << 8)

#define GPIOA 0x40020000U
#define TX_PIN 2U
#define RX_PIN 3U
#define USART_FUNCTION 7U

/* The older USART, without a FIFO. */
#define SR (EK_REG_UART + 0x00U)
#define SR_RX (1U << 5)
#define SR_SENT (1U << 6)
#define SR_TX_ROOM (1U << 7)
#define DR (EK_REG_UART + 0x04U)
#define BRR (EK_REG_UART + 0x08U)
#define CR1 (EK_REG_UART + 0x0CU)
#define CR1_ON_TX_RX_INTERRUPT (1U << 13 | 1U << 5 | 1U << 3 | 1U << 2)

static void start_clocks(void) {
    REG(RCC_APB1ENR) |= RCC_APB1ENR_PWR;
    REG(PWR_CR) |= PWR_CR_SCALE_1;
    REG(RCC_CR) |= RCC_CR_HSE_BYPASS;
    ek_wait_for(RCC_CR, RCC_CR_HSE_READY, RCC_CR_HSE_READY);
    REG(RCC_PLLCFGR) = RCC_PLLCFGR_VALUE;
    REG(RCC_CR) |= RCC_CR_PLL_ON;
    ek_wait_for(RCC_CR, RCC_CR_PLL_READY, RCC_CR_PLL_READY);
    REG(PWR_CR) |= PWR_CR_OVERDRIVE;
    ek_wait_for(PWR_CSR, PWR_CR_OVERDRIVE, PWR_CR_OVERDRIVE);
    REG(PWR_CR) |= PWR_CR_OVERDRIVE_SWITCH;
    ek_wait_for(PWR_CSR, PWR_CR_OVERDRIVE_SWITCH, PWR_CR_OVERDRIVE_SWITCH);
    REG(FLASH_ACR) = FLASH_ACR_5_WAITS_CACHES;
    ek_wait_for(FLASH_ACR, FLASH_ACR_5_WAITS_CACHES, FLASH_ACR_5_WAITS_CACHES);
    REG(RCC_CFGR) = RCC_CFGR_APB1_BY_4_APB2_BY_2 | RCC_CFGR_PLL;
    ek_wait_for(RCC_CFGR, RCC_CFGR_SWITCHED, RCC_CFGR_PLL << 2);
}

void ek_family_start(void) {
    start_clocks();
    ek_dwt_start();
    REG(RCC_AHB1ENR) |= RCC_AHB1ENR_GPIOA;
    REG(RCC_APB1ENR) |= RCC_APB1ENR_USART2;
    (void)REG(RCC_APB1ENR); /* a peripheral answers two cycles after its clock has started */
    ek_stm32_alternate(GPIOA, TX_PIN, USART_FUNCTION);
    ek_stm32_alternate(GPIOA, RX_PIN, USART_FUNCTION);
    REG(BRR) = (EK_CLOCK_HZ / 4U + EK_BAUD / 2U) / EK_BAUD;
    REG(CR1) = CR1_ON_TX_RX_INTERRUPT;
}

int ek_uart_take(void) {
    return REG(SR) & SR_RX ? (int)(REG(DR) & 0xFFU) : -1; /* reading both clears an overrun */
}

void ek_uart_put(uint8_t byte) {
    ek_wait_for(SR, SR_TX_ROOM, SR_TX_ROOM);
    REG(DR) = byte;
}

int ek_uart_is_sending(void) {
    return !(REG(SR) & SR_SENT);
}
