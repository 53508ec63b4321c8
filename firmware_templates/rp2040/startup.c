/* The vector table; what it leads to is every Cortex-M's (freestanding/entry.c). */
#include "ek_entry.h"

_Noreturn void Reset_Handler(void) {
    ek_start();
}

/* No interrupt is ever enabled: the sixteen system exceptions are the whole table. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    ek_vector_t handlers[15];
} vectors = {
    ek_stack_top,
    {(ek_vector_t)Reset_Handler, HardFault_Handler, HardFault_Handler, 0, 0, 0, 0, 0, 0, 0,
     HardFault_Handler, 0, 0, HardFault_Handler, HardFault_Handler},
};
