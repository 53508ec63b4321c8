/* ek_usb_parts: what the files of the USB driver know of each other. */
#ifndef EK_USB_PARTS_H
#define EK_USB_PARTS_H

#include <stdint.h>

#include "ek_usb_registers.h"

/* What the chip gives: 48 MHz and the controller out of reset; its interrupt; the number that no
 * other chip has, or 0 where there is none. */
void ek_usb_chip_start(void);
void ek_usb_chip_enable_interrupt(void);
int ek_usb_chip_id(uint32_t id[2]);

/* No interrupt between these two; they nest. */
static inline uint32_t ek_usb_lock(void) {
    uint32_t before = 0;
#if defined(__arm__)
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(before) : : "memory");
#endif
    return before;
}
static inline void ek_usb_unlock(uint32_t before) {
#if defined(__arm__)
    __asm volatile("msr primask, %0" : : "r"(before) : "memory");
#else
    (void)before; /* tests on a host */
#endif
}

/* Hands a buffer to the controller; `value` is its control word without USB_AVAILABLE. */
void ek_usb_arm(uint32_t buffer_control, uint32_t value);

/* Endpoint 0 */
void ek_usb_control_reset(void);
void ek_usb_control_setup(void);
void ek_usb_control_sent(void);
void ek_usb_control_received(void);

/* The answer to the request that is served: `count` bytes that stay where they are, all of it, or
 * as much as the host wants. */
void ek_usb_answer(const uint8_t *bytes, uint32_t count, uint32_t wanted);

typedef struct {
    uint8_t type;
    uint8_t request;
    uint16_t value;
    uint16_t index;
    uint16_t length;
} ek_usb_request_t;

typedef enum { REFUSED, DONE, ANSWERED, EXPECTS_DATA } ek_usb_outcome_t;

/* Carries out a request, as far as that can be done before its data has come. */
ek_usb_outcome_t ek_usb_request(const ek_usb_request_t *setup);

/* The data of the request that expected some: `count` bytes in endpoint 0's buffer. */
int ek_usb_request_data(uint32_t count);

/* A descriptor, by the value that asks for it (type and index), in memory that stays or in endpoint
 * 0's buffer. Returns its length, 0 where there is none. */
uint32_t ek_usb_descriptor(uint16_t value, const uint8_t **bytes);

/* The bulk endpoints: closed until a configuration is chosen */
void ek_usb_serial_open(void);
void ek_usb_serial_close(void);
void ek_usb_serial_halt(uint8_t endpoint);
void ek_usb_serial_resume(uint8_t endpoint); /* with DATA0, as the host starts again too */
void ek_usb_serial_sent(void);
void ek_usb_serial_received(void);

#endif
