/* From the vector table to main, and what happens when the processor gives up. */
#include <stdint.h>

#include "ek_config.h"
#include "ek_core.h"
#include "ek_frame.h"
#include "ek_hal.h"
#include "ek_line.h"
#include "ek_start.h"
#include "string.h"

#define SEED_BYTES 1024U

extern uint32_t ek_stack_low[], ek_stack_top[];
extern uint8_t ek_data_start[], ek_data_end[], ek_data_load[], ek_bss_start[], ek_bss_end[];

uint32_t ek_boot_seed;

int main(void);
_Noreturn void Reset_Handler(void);
void HardFault_Handler(void);
_Noreturn void ek_fault(uint32_t pc);

typedef void (*vector_t)(void);
extern const struct ek_vectors ek_vectors;

/* RAM as it comes up is partly random, and after a restart it is what the last run left: its
 * checksum differs from start to start. It is read where the stack has not been yet. */
static uint32_t draw_seed(void) {
    uint32_t seed = ek_crc32(0, ek_stack_low, SEED_BYTES);
    ek_stack_low[0] = seed + 1U; /* differs after a restart, even if nothing else does */
    return seed;
}

_Noreturn void Reset_Handler(void) {
#if !defined(__ARM_ARCH_6M__)
    REG(SCB_VTOR) = (uint32_t)(uintptr_t)&ek_vectors; /* a bootloader may have left its own */
#endif
    uint32_t seed = draw_seed();
    memcpy(ek_data_start, ek_data_load, (size_t)(ek_data_end - ek_data_start));
    memset(ek_bss_start, 0, (size_t)(ek_bss_end - ek_bss_start));
    ek_boot_seed = seed;
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

/* The sixteen system exceptions, and the UART's interrupt in its place among those of the chip. */
struct ek_vectors {
    uint32_t *stack;
    vector_t handlers[15];
    vector_t interrupts[EK_REG_UART_IRQ + 1U];
};
__attribute__((section(".vectors"), used)) const struct ek_vectors ek_vectors = {
    ek_stack_top,
    {Reset_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler,
     HardFault_Handler, HardFault_Handler, 0, 0, 0, HardFault_Handler, HardFault_Handler, 0,
     HardFault_Handler, HardFault_Handler},
    {[EK_REG_UART_IRQ] = ek_uart_interrupt},
};
