/* The vector table; what it leads to is every Cortex-M's (freestanding/entry.c). */
#include "ek_entry.h"
#include "ek_usb.h"
#include "registers.h"

_Noreturn void Reset_Handler(void) {
    ek_start();
}

/* The sixteen system exceptions, and the interrupts up to the only one that is enabled. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    ek_vector_t handlers[15];
    ek_vector_t interrupts[IRQ_USB + 1U];
} vectors = {
    ek_stack_top,
    {(ek_vector_t)Reset_Handler, HardFault_Handler, HardFault_Handler, 0, 0, 0, 0, 0, 0, 0,
     HardFault_Handler, 0, 0, HardFault_Handler, HardFault_Handler},
    {[IRQ_USB] = ek_usb_interrupt},
};
