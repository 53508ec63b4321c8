/* From the vector table to main, and what happens when the processor gives up. */
#include <stdint.h>

#include "ek_hal.h"
#include "ek_line.h"
#include "registers.h"
#include "string.h"

extern uint32_t ek_stack_top[];
extern uint8_t ek_data_start[], ek_data_end[], ek_data_load[], ek_bss_start[], ek_bss_end[];

int main(void);
_Noreturn void Reset_Handler(void);
void HardFault_Handler(void);
_Noreturn void ek_fault(uint32_t pc);
_Noreturn void ek_start(void);

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

_Noreturn void ek_start(void) {
    memcpy(ek_data_start, ek_data_load, (size_t)(ek_data_end - ek_data_start));
    memset(ek_bss_start, 0, (size_t)(ek_bss_end - ek_bss_start));
    (void)main();
    for (;;) {
    }
}

_Noreturn void ek_fault(uint32_t pc) {
    ek_line_fault(pc);
    ek_hal_reset(EK_RESET_RESTART);
}

/* The program counter was pushed as the seventh word; below a stack that overflowed there is
 * nothing to read it from, and no stack to go on with: hence the check and the fresh stack. */
__attribute__((naked)) void HardFault_Handler(void) {
    __asm volatile(
        "movs r0, #0          \n"
        "mrs  r1, msp         \n"
        "ldr  r2, =ek_stack_low\n"
        "cmp  r1, r2          \n"
        "blo  1f              \n"
        "ldr  r0, [r1, #24]   \n"
        "1: ldr r1, =ek_stack_top\n"
        "mov  sp, r1          \n"
        "bl   ek_fault        \n");
}

typedef void (*vector_t)(void);

/* No interrupt is ever taken: the sixteen system exceptions are the whole table. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    vector_t handlers[15];
} vectors = {
    ek_stack_top,
    {(vector_t)Reset_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler,
     HardFault_Handler, HardFault_Handler, HardFault_Handler, 0, 0, 0, HardFault_Handler,
     HardFault_Handler, 0, HardFault_Handler, HardFault_Handler},
};
