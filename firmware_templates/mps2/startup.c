/* The vector table and the first instructions; the rest is every Cortex-M's (freestanding/entry.c). */
#include "ek_entry.h"

/* Before any code that may use them: without this a floating-point or vector instruction faults.
 * In Armv6-M's instructions: the benchmarks run code for that on a larger core. */
__attribute__((naked)) void Reset_Handler(void) {
    __asm volatile(
        ".syntax unified      \n"
        "ldr  r0, =0xE000ED88 \n" /* SCB_CPACR, 0 after reset */
        "movs r1, #0xF        \n"
        "lsls r1, r1, #20     \n" /* all of CP10 and CP11 */
        "str  r1, [r0]        \n"
        "dsb                  \n"
        "isb                  \n"
        "cpsid i              \n" /* the receive interrupt only wakes WFI, it is never taken */
        "bl   ek_start        \n");
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
