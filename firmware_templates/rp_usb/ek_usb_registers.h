/* The USB controller of RP2040 and RP2350, as a device: RP2040 datasheet 4.1, RP2350 datasheet 12.7.
 *
 * It shares 4 KiB of memory with the processor (DPSRAM): tables and buffers where the controller
 * wants them, and our own state behind these, which so costs none of the chip's SRAM.
 */
#ifndef EK_USB_REGISTERS_H
#define EK_USB_REGISTERS_H

#include <stdint.h>

/* Tests put memory of their own in place of the controller. */
#ifndef EK_USB_MEMORY
#define EK_USB_MEMORY 0x50100000U
#define EK_USB_REGISTERS 0x50110000U
#endif
#define EK_USB_MEMORY_BYTES 4096U

#define USB_REG(offset) (*(volatile uint32_t *)((uintptr_t)EK_USB_REGISTERS + (offset)))
#define USB_WORD(offset) (*(volatile uint32_t *)((uintptr_t)EK_USB_MEMORY + (offset)))
#define USB_BYTES(offset) ((volatile uint8_t *)((uintptr_t)EK_USB_MEMORY + (offset)))

#define USB_ADDRESS USB_REG(0x00U)
#define USB_MAIN_CTRL USB_REG(0x40U)
#define USB_MAIN_ENABLE 1U /* as a device; on the RP2350 this also lets go of the isolated PHY */
#define USB_SIE_CTRL USB_REG(0x4CU)
#define USB_SIE_PULL_UP (1U << 16)  /* what the host takes for "plugged in" */
#define USB_SIE_EP0_EACH (1U << 29) /* BUFF_STATUS tells of each buffer of endpoint 0 */
#define USB_SIE_STATUS USB_REG(0x50U)
#define USB_STATUS_SETUP (1U << 17)
#define USB_STATUS_RESET (1U << 19)
#define USB_BUFF_STATUS USB_REG(0x58U)
#define USB_EP_STALL_ARM USB_REG(0x68U)
#define USB_STALL_EP0 3U
#define USB_MUXING USB_REG(0x74U)
#define USB_MUXING_TO_PHY 9U /* and SOFTCON */
#define USB_POWER USB_REG(0x78U)
#define USB_POWER_DETECTED 12U /* no pin tells: VBUS counts as there */
#define USB_INTE USB_REG(0x90U)
#define USB_INTS USB_REG(0x98U)
#define USB_INT_BUFFERS (1U << 4)
#define USB_INT_RESET (1U << 12)
#define USB_INT_SETUP (1U << 16)

/* Memory: the last SETUP packet; a control and a buffer control word per endpoint and direction */
#define USB_SETUP_PACKET 0x00U
#define USB_EP_CONTROL(number, is_out) ((number) * 8U + (is_out) * 4U) /* not of endpoint 0 */
#define USB_EP_ENABLE (1U << 31)
#define USB_EP_EACH (1U << 29)
#define USB_EP_BULK (2U << 26)
#define USB_EP_INTERRUPT (3U << 26)
#define USB_BUFFER_CONTROL(number, is_out) (0x80U + (number) * 8U + (is_out) * 4U)
#define USB_FULL (1U << 15)
#define USB_LAST (1U << 14)
#define USB_DATA1 (1U << 13)
#define USB_STALL (1U << 11)
#define USB_AVAILABLE (1U << 10)
#define USB_LENGTH 0x3FFU
#define USB_DONE(number, is_out) (1U << ((number) * 2U + (is_out))) /* in BUFF_STATUS */

/* Our endpoints, where their buffers lie, and then our state */
#define USB_PACKET 64U
#define USB_NOTIFY 1U /* IN only, and never anything on it: CDC ACM asks for it */
#define USB_SERIAL 2U
#define USB_EP0_BUFFER 0x100U
#define USB_NOTIFY_BUFFER 0x180U
#define USB_OUT_BUFFER 0x1C0U
#define USB_IN_BUFFER 0x200U
#define USB_FILL_BUFFER 0x240U /* what is sent next: copied, as the controller's stays in its place */
#define USB_STATE 0x280U

typedef struct {
    /* endpoint 0 */
    const uint8_t *rest; /* of the answer being sent */
    uint16_t rest_bytes;
    uint8_t stage;       /* ek_usb_stage_t */
    uint8_t pads;        /* the answer is shorter than asked for: a short packet must end it */
    uint8_t data1;       /* the next packet of the answer is a DATA1 */
    uint8_t address;     /* to take when its request is over; 0: none */
    uint8_t leaves;      /* for the bootloader, when the request is over */
    uint8_t configuration;
    uint8_t answer[2];
    /* the line */
    uint8_t lines; /* bit 0: DTR, a program has the port open */
    uint8_t coding[7];
    /* bulk endpoints; bits of halted: USB_DONE */
    uint8_t halted;
    uint8_t out_data1, out_at, out_left;
    uint8_t in_data1, in_busy, in_full, fill;
    uint8_t is_deaf; /* the host has not taken anything for too long */
} ek_usb_state_t;

#define usb ((volatile ek_usb_state_t *)USB_BYTES(USB_STATE))
_Static_assert(USB_STATE + sizeof(ek_usb_state_t) <= EK_USB_MEMORY_BYTES, "beyond the memory");

#endif
