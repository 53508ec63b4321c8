/* GPIO, the same in all STM32 that have alternate functions by number. */
#include "ek_stm32.h"

#define GPIO_MODER(port) ((port) + 0x00U)
#define GPIO_OSPEEDR(port) ((port) + 0x08U)
#define GPIO_PUPDR(port) ((port) + 0x0CU)
#define GPIO_AFR(port, pin) ((port) + 0x20U + (pin) / 8U * 4U)

void ek_stm32_alternate(uint32_t port, uint32_t pin, uint32_t function) {
    uint32_t two = 2U * pin;
    uint32_t four = 4U * (pin % 8U);
    REG(GPIO_AFR(port, pin)) = (REG(GPIO_AFR(port, pin)) & ~(15U << four)) | function << four;
    REG(GPIO_PUPDR(port)) = (REG(GPIO_PUPDR(port)) & ~(3U << two)) | 1U << two;
    REG(GPIO_OSPEEDR(port)) |= 1U << two;
    REG(GPIO_MODER(port)) = (REG(GPIO_MODER(port)) & ~(3U << two)) | 2U << two;
}
