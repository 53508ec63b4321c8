#include "ek_stack.h"

#include "ek_hal.h"

#define PAINT 0x5AA5C33CU
#define MARGIN_WORDS 16 /* our own frame, which must not be painted over */

void ek_stack_paint(void) {
    uint32_t *low = ek_hal_stack_low();
    if (low == 0) {
        return;
    }
    uint32_t *frame = __builtin_frame_address(0);
    for (volatile uint32_t *at = low; at < frame - MARGIN_WORDS; at++) {
        *at = PAINT;
    }
}

uint32_t ek_stack_bytes(void) {
    return (uint32_t)((uintptr_t)ek_hal_stack_high() - (uintptr_t)ek_hal_stack_low());
}

uint32_t ek_stack_used(void) {
    const volatile uint32_t *at = ek_hal_stack_low();
    const uint32_t *high = ek_hal_stack_high();
    while (at < high && *at == PAINT) {
        at++;
    }
    return (uint32_t)((uintptr_t)high - (uintptr_t)at);
}
