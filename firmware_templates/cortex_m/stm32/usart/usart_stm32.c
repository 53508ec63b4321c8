/* The USART with a FIFO, as in all STM32 but the older families. */
#include "ek_stm32.h"

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

void ek_usart_start(uint32_t clock_hz, uint32_t baud) {
    REG(USART_BRR) = (clock_hz + baud / 2U) / baud;
    REG(USART_CR3) = USART_CR3_NO_OVERRUN;
    REG(USART_CR1) = USART_CR1_ON_TX_RX_FIFO | USART_CR1_RX_INTERRUPT;
}

int ek_uart_take(void) {
    return REG(USART_ISR) & USART_ISR_RX ? (int)(REG(USART_RDR) & 0xFFU) : -1;
}

void ek_uart_put(uint8_t byte) {
    ek_wait_for(USART_ISR, USART_ISR_TX_ROOM, USART_ISR_TX_ROOM);
    REG(USART_TDR) = byte;
}

int ek_uart_is_sending(void) {
    return !(REG(USART_ISR) & USART_ISR_SENT);
}
