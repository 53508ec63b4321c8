/* The board that is this machine: frames over standard input and output, nanoseconds as cycles.
 *
 * Its time is the host's time and no measure of any board. Needs POSIX.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ek_hal.h"
#include "ek_model.h"

static uint8_t pending[4096];
static size_t pending_count;

static uint64_t now_ns(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void ek_hal_init(void) {}

int ek_hal_get(void) {
    static uint8_t bytes[4096];
    static ssize_t next;
    static ssize_t count;
    if (next < count) {
        return bytes[next++];
    }
    ek_hal_flush();
    do {
        count = read(STDIN_FILENO, bytes, sizeof bytes);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) {
        exit(EXIT_SUCCESS); /* the host has gone */
    }
    next = 1;
    return bytes[0];
}

void ek_hal_put(uint8_t byte) {
    pending[pending_count++] = byte;
    if (pending_count == sizeof pending) {
        ek_hal_flush();
    }
}

void ek_hal_flush(void) {
    for (size_t sent = 0; sent < pending_count;) {
        ssize_t count = write(STDOUT_FILENO, pending + sent, pending_count - sent);
        if (count > 0) {
            sent += (size_t)count;
        } else if (errno != EINTR) {
            exit(EXIT_FAILURE);
        }
    }
    pending_count = 0;
}

void ek_hal_idle(void) {} /* ek_hal_get waits */

uint64_t ek_hal_cycles(void) {
    return now_ns();
}

uint32_t ek_hal_clock_hz(void) {
    return 1000000000U;
}

uint32_t ek_hal_boot_id(void) {
    static uint32_t boot;
    if (boot == 0) {
        boot = (uint32_t)now_ns() ^ ((uint32_t)getpid() << 16);
    }
    return boot;
}

_Noreturn void ek_hal_reset(uint8_t kind) {
    if (kind == EK_RESET_RESTART) {
        (void)execl("/proc/self/exe", "firmware", (char *)NULL);
    }
    exit(EXIT_SUCCESS); /* no bootloader here: whoever started us may start another image */
}

uint32_t ek_hal_static_bytes(void) {
    return ek_model_active.arena_bytes; /* what the rest takes is the operating system's affair */
}

uint32_t *ek_hal_stack_low(void) {
    return NULL;
}

uint32_t *ek_hal_stack_high(void) {
    return NULL;
}
