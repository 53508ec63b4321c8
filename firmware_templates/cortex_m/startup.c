/* The vector table and the first instructions; the rest is every Cortex-M's (freestanding/entry.c). */
#include "ek_config.h"
#include "ek_core.h"
#include "ek_entry.h"
#include "ek_frame.h"
#include "ek_start.h"
#if defined(EK_REG_USB_IRQ)
#include "ek_usb.h"
#endif

#define SEED_BYTES 1024U

__attribute__((section(".noinit"))) uint32_t ek_boot_seed;

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
    ek_boot_seed = draw_seed();
    ek_start();
}

/* The sixteen system exceptions, and the links' interrupts in their places among the chip's. */
struct ek_vectors {
    uint32_t *stack;
    ek_vector_t handlers[15];
    ek_vector_t interrupts[EK_REG_UART_IRQ + 1U];
};
__attribute__((section(".vectors"), used)) const struct ek_vectors ek_vectors = {
    ek_stack_top,
    {Reset_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler, HardFault_Handler,
     HardFault_Handler, HardFault_Handler, 0, 0, 0, HardFault_Handler, HardFault_Handler, 0,
     HardFault_Handler, ek_watchdog_tick},
    {
        [EK_REG_UART_IRQ] = ek_uart_interrupt,
#if defined(EK_REG_USB_IRQ)
        [EK_REG_USB_IRQ] = ek_usb_interrupt,
#endif
    },
};
