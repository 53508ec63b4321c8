/* From reset to harness() and to the board's reset, which ends QEMU. For every Cortex-M, also code
 * for Armv6-M on a larger one. */
#include <string.h>

#include "ek_entry.h"
#include "ek_hal.h"
#include "harness.h"

static void put(const char *text) {
    while (*text != '\0') {
        ek_hal_put((uint8_t)*text++);
    }
}

void say(uint32_t count, const uint32_t *numbers) {
    for (uint32_t i = 0; i < count; i++) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            ek_hal_put((uint8_t)"0123456789abcdef"[(numbers[i] >> shift) & 0xFU]);
        }
        put(i + 1U < count ? " " : "\n");
    }
}

static _Noreturn void end(const char *how) {
    put(how);
    ek_hal_flush();
    ek_hal_reset(EK_RESET_RESTART);
}

void HardFault_Handler(void) {
    end("fault\n");
}

_Noreturn void ek_start(void) {
    memcpy(ek_data_start, ek_data_load, (size_t)(ek_data_end - ek_data_start));
    memset(ek_bss_start, 0, (size_t)(ek_bss_end - ek_bss_start));
    ek_hal_init();
    const uint32_t start = NOW();
    const uint32_t nothing = NOW() - start;
    say(1, &nothing);
    harness();
    end("end\n");
}

/* Before any code that may use them: without this a floating-point or vector instruction faults. */
__attribute__((naked)) void Reset_Handler(void) {
    __asm volatile(
        ".syntax unified      \n"
        "ldr  r0, =0xE000ED88 \n" /* SCB_CPACR */
        "ldr  r1, =0x00F00000 \n"
        "ldr  r2, [r0]        \n"
        "orrs r1, r2          \n"
        "str  r1, [r0]        \n"
        "dsb                  \n"
        "isb                  \n"
        "bl   ek_start        \n");
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    ek_vector_t handlers[15];
} vectors = {
    ek_stack_top,
    {(ek_vector_t)Reset_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler,
     HardFault_Handler, HardFault_Handler},
};
