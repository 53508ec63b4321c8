/* ek_chip: the STM32H743's registers that watchdog_stm32.c is told. */
#ifndef EK_CHIP_H
#define EK_CHIP_H

#define IWDG 0x58004800U
#define IWDG_HZ 33600U
#define RESET_CAUSES 0x580244D0U /* RCC_RSR */
#define RESET_CAUSES_IWDG (1U << 26)
#define RESET_CAUSES_CLEAR (1U << 16)
#define DEBUG_FREEZE 0x5C001054U /* DBGMCU_APB4FZ1 */
#define DEBUG_FREEZE_IWDG (1U << 18)

#endif
