/* The application: bytes in, answers out, for ever. */
#include "ek_hal.h"
#include "ek_server.h"
#include "ek_stack.h"

int main(void) {
    ek_stack_paint();
    ek_hal_init();
    for (;;) {
        int byte = ek_hal_get();
        if (byte < 0) {
            ek_hal_idle();
        } else {
            ek_server_byte((uint8_t)byte);
        }
    }
}
