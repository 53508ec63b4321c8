/* ek_stm32: GPIO and the newer USART, the same in all STM32 that have them. Reference manuals RM0390
 * (F446), RM0433 (H743), RM0456 (U575). */
#ifndef EK_STM32_H
#define EK_STM32_H

#include "ek_family.h"

#define GPIO_MODER(port) ((port) + 0x00U)
#define GPIO_OSPEEDR(port) ((port) + 0x08U)
#define GPIO_PUPDR(port) ((port) + 0x0CU)
#define GPIO_AFR(port, pin) ((port) + 0x20U + (pin) / 8U * 4U)

/* Gives a pin to a peripheral, pulled up: an open RX line must not look like a start bit. */
static inline void ek_stm32_alternate(uint32_t port, uint32_t pin, uint32_t function) {
    uint32_t two = 2U * pin;
    uint32_t four = 4U * (pin % 8U);
    REG(GPIO_AFR(port, pin)) = (REG(GPIO_AFR(port, pin)) & ~(15U << four)) | function << four;
    REG(GPIO_PUPDR(port)) = (REG(GPIO_PUPDR(port)) & ~(3U << two)) | 1U << two;
    REG(GPIO_OSPEEDR(port)) |= 1U << two;
    REG(GPIO_MODER(port)) = (REG(GPIO_MODER(port)) & ~(3U << two)) | 2U << two;
}

/* The independent watchdog, on an oscillator of its own whose fastest is IWDG_HZ. It cannot be
 * stopped but by a reset; a model with a step that may take longer than it can wait goes without. */
#define IWDG_KR (IWDG + 0x00U)
#define IWDG_KR_FEED 0xAAAAU
#define IWDG_KR_UNLOCK 0x5555U
#define IWDG_KR_START 0xCCCCU
#define IWDG_PR (IWDG + 0x04U)
#define IWDG_PR_BY_256 6U
#define IWDG_RLR (IWDG + 0x08U)
#define IWDG_RLR_MAX 4095U
#define IWDG_RELOAD ((uint32_t)((uint64_t)EK_CHIP_WATCHDOG_MS * IWDG_HZ / 256U / 1000U) + 1U)

static inline void ek_iwdg_start(void) {
    if (IWDG_RELOAD <= IWDG_RLR_MAX) {
        REG(IWDG_KR) = IWDG_KR_START;
        REG(IWDG_KR) = IWDG_KR_UNLOCK;
        REG(IWDG_PR) = IWDG_PR_BY_256;
        REG(IWDG_RLR) = IWDG_RELOAD; /* taken over some milliseconds later, the next time it is fed */
    }
}

#define USART_CR1 (EK_REG_UART + 0x00U)
#define USART_CR1_ON_TX_RX_FIFO (1U << 0 | 1U << 2 | 1U << 3 | 1U << 29)
#define USART_CR1_RX_INTERRUPT (1U << 5)
#define USART_CR3 (EK_REG_UART + 0x08U)
#define USART_CR3_NO_OVERRUN (1U << 12)
#define USART_BRR (EK_REG_UART + 0x0CU)
#define USART_ISR (EK_REG_UART + 0x1CU)
#define USART_ISR_RX (1U << 5)
#define USART_ISR_SENT (1U << 6)
#define USART_ISR_TX_ROOM (1U << 7)
#define USART_RDR (EK_REG_UART + 0x24U)
#define USART_TDR (EK_REG_UART + 0x28U)

/* `clock_hz` is what the USART runs at. */
static inline void ek_usart_start(uint32_t clock_hz, uint32_t baud) {
    REG(USART_BRR) = (clock_hz + baud / 2U) / baud;
    REG(USART_CR3) = USART_CR3_NO_OVERRUN;
    REG(USART_CR1) = USART_CR1_ON_TX_RX_FIFO | USART_CR1_RX_INTERRUPT;
}

static inline int ek_usart_take(void) {
    return REG(USART_ISR) & USART_ISR_RX ? (int)(REG(USART_RDR) & 0xFFU) : -1;
}

static inline void ek_usart_put(uint8_t byte) {
    ek_wait_for(USART_ISR, USART_ISR_TX_ROOM, USART_ISR_TX_ROOM);
    REG(USART_TDR) = byte;
}

static inline int ek_usart_is_sending(void) {
    return !(REG(USART_ISR) & USART_ISR_SENT);
}

#endif
