/* What the HALs of all bare boards share: what the board file and the linker script say. */
#include "ek_config.h"
#include "ek_entry.h"
#include "ek_hal.h"

uint32_t ek_hal_clock_hz(void) {
    return EK_CLOCK_HZ;
}

uint32_t ek_hal_static_bytes(void) {
    return (uint32_t)(ek_bss_end - ek_data_start);
}

uint32_t *ek_hal_stack_low(void) {
    return ek_stack_low;
}

uint32_t *ek_hal_stack_high(void) {
    return ek_stack_top;
}
