/* The registers of Arm's MPS2 and MPS3 boards that we touch. Where they lie differs from board to
 * board: EK_REG_* come from the board's file. */
#ifndef EK_MPS2_REGISTERS_H
#define EK_MPS2_REGISTERS_H

#include <stdint.h>

#include "ek_config.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* CMSDK APB UART, Cortex-M System Design Kit TRM (DDI 0479), 4.4 */
#define UART_DATA (EK_REG_UART + 0x00U)
#define UART_STATE (EK_REG_UART + 0x04U)
#define UART_STATE_TX_FULL (1U << 0)
#define UART_STATE_RX_FULL (1U << 1)
#define UART_CTRL (EK_REG_UART + 0x08U)
#define UART_CTRL_TX_RX_AND_RX_INTERRUPT 0xBU
#define UART_INTCLEAR (EK_REG_UART + 0x0CU)
#define UART_INT_RX (1U << 1)
#define UART_BAUDDIV (EK_REG_UART + 0x10U)
#define UART_BAUDDIV_MIN 16U

/* CMSDK APB watchdog, DDI 0479, 4.5: NMI when it has counted down, a reset the second time */
#define WATCHDOG_LOAD (EK_REG_WATCHDOG + 0x00U)
#define WATCHDOG_CONTROL (EK_REG_WATCHDOG + 0x08U)
#define WATCHDOG_CONTROL_NMI_RESET 3U
#define WATCHDOG_LOCK (EK_REG_WATCHDOG + 0xC00U)
#define WATCHDOG_LOCK_KEY 0x1ACCE551U

/* FPGA system control: a free-running counter of 32 bits */
#define COUNTER EK_REG_COUNTER

/* Armv7-M and Armv8-M system registers */
#define NVIC_ISER(interrupt) (0xE000E100U + 4U * ((interrupt) / 32U))
#define NVIC_ICPR(interrupt) (0xE000E280U + 4U * ((interrupt) / 32U))
#define NVIC_BIT(interrupt) (1U << ((interrupt) % 32U))
#define SCB_AIRCR 0xE000ED0CU
#define SCB_AIRCR_RESET 0x05FA0004U
#define SCB_CPACR 0xE000ED88U
#define SCB_CPACR_FLOAT_AND_VECTORS (0xFU << 20)

#endif
