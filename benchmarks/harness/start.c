/* From the board's own first instructions to harness(), and to its reset, which ends QEMU. */
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
