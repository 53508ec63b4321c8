/* The application: bytes in, answers out, for ever. */
#include "ek_crash.h"
#include "ek_hal.h"
#include "ek_line.h"
#include "ek_stack.h"
#include "ek_text.h"

int main(void) {
    ek_stack_paint();
    ek_hal_init();
    ek_crash_start();
    ek_text_start();
    for (;;) {
        ek_hal_feed();
        int byte = ek_hal_get();
        if (byte < 0) {
            ek_hal_idle();
        } else {
            ek_line_byte((uint8_t)byte);
        }
    }
}
