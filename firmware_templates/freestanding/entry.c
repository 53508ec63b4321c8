#include "ek_entry.h"

#include "ek_crash.h"
#include "ek_hal.h"
#include "ek_line.h"
#include "string.h"

#define EXCEPTION_NMI 2U
#define EXCEPTION_PENDSV 14U

/* Configurable fault status: which fault it was. Not on v6-M. */
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28U)

int main(void);

_Noreturn void ek_start(void) {
    memcpy(ek_data_start, ek_data_load, (size_t)(ek_data_end - ek_data_start));
    memset(ek_bss_start, 0, (size_t)(ek_bss_end - ek_bss_start));
    (void)main();
    for (;;) {
    }
}

static uint32_t cause(void) {
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    int is_watchdog = exception == EXCEPTION_NMI || exception == EXCEPTION_PENDSV;
    return is_watchdog ? EK_CAUSE_WATCHDOG : EK_CAUSE_FAULT;
}

static uint32_t fault_status(void) {
#if defined(__ARM_ARCH_6M__)
    return 0;
#else
    return SCB_CFSR;
#endif
}

_Noreturn void ek_fault(uint32_t pc, uint32_t lr) {
    const ek_crash_t crash = {cause(), ek_crash_step(), pc, lr, fault_status()};
    ek_crash_keep(&crash);
    ek_line_fault(&crash);
    ek_hal_reset(EK_RESET_RESTART);
}

/* PC and LR were pushed as the seventh and the sixth word; below a stack that overflowed there is
 * nothing to read them from, and no stack to go on with: hence the check and the fresh stack. */
__attribute__((naked)) void HardFault_Handler(void) {
    __asm volatile(
        "movs r0, #0          \n"
        "movs r1, #0          \n"
        "mrs  r2, msp         \n"
        "ldr  r3, =ek_stack_low\n"
        "cmp  r2, r3          \n"
        "blo  1f              \n"
        "ldr  r0, [r2, #24]   \n"
        "ldr  r1, [r2, #20]   \n"
        "1: ldr r3, =ek_stack_top\n"
        "mov  sp, r3          \n"
        "bl   ek_fault        \n");
}
