/* ek_chip: the STM32U575's registers that watchdog_stm32.c is told. */
#ifndef EK_CHIP_H
#define EK_CHIP_H

#define IWDG 0x40003000U
#define IWDG_HZ 33600U
#define RESET_CAUSES 0x46020CF4U /* RCC_CSR */
#define RESET_CAUSES_IWDG (1U << 29)
#define RESET_CAUSES_CLEAR (1U << 23)
#define DEBUG_FREEZE 0xE0044008U /* DBGMCU_APB1FZR1 */
#define DEBUG_FREEZE_IWDG (1U << 12)

#endif
