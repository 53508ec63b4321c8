/* The vector table and the first instructions; the rest is every Cortex-M's (freestanding/entry.c). */
#include "ek_entry.h"

/* Before any code that may use them: without this a floating-point or vector instruction faults. */
__attribute__((naked)) void Reset_Handler(void) {
    __asm volatile(
        "ldr  r0, =0xE000ED88 \n" /* SCB_CPACR */
        "ldr  r1, [r0]        \n"
        "orr  r1, r1, #0x00F00000 \n"
        "str  r1, [r0]        \n"
        "dsb                  \n"
        "isb                  \n"
        "cpsid i              \n" /* the receive interrupt only wakes WFI, it is never taken */
        "b    ek_start        \n");
}

/* No interrupt is ever taken but NMI, which is the watchdog: the sixteen system exceptions are the
 * whole table. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    ek_vector_t handlers[15];
} vectors = {
    ek_stack_top,
    {(ek_vector_t)Reset_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler,
     HardFault_Handler, HardFault_Handler, HardFault_Handler, 0, 0, 0, HardFault_Handler,
     HardFault_Handler, 0, HardFault_Handler, HardFault_Handler},
};
