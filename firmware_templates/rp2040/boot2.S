/* Second-stage boot: the boot ROM copies these 256 bytes from the start of flash to the top of
 * SRAM, checks the CRC in the last four (edgekit/boards/boot2.py writes it) and runs them there.
 *
 * The ROM has flash readable, slowly, one bit wide. This sets the SSI to quad I/O fast read (0xEB)
 * in continuous mode at clk_sys / 2, then enters the image at 0x10000100. Chips: Winbond W25Q16JV
 * (Pico) and others with 0xEB, 4 dummy cycles and QE in bit 1 of status register 2.
 * RP2040 datasheet 2.7.2, 2.8.1 and 4.10; W25Q16JV datasheet 8.2.
 *
 * Position independent: it is linked in flash and runs in SRAM. Only PC-relative loads and branches.
 */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

#define PADS_QSPI    0x40020000
#define SD0_CLEAR    0x08        /* + 0x3000: bits written are cleared */
#define SSI          0x18000000
#define CTRLR0       0x00
#define CTRLR1       0x04
#define SSIENR       0x08
#define BAUDR        0x14
#define SR           0x28
#define DR0          0x60
#define IMAGE        0x10000100
#define VTOR         0xE000ED08

#define CTRLR0_ONE_BIT_8   (7 << 16)                             /* 8-bit frames, both directions */
#define CTRLR0_QUAD_READ   ((2 << 21) | (31 << 16) | (3 << 8))   /* quad, 32-bit frames, read */
/* 0xEB: 24 address + 8 mode bits on four lines, then 4 dummy cycles. */
#define READ_WITH_COMMAND  ((4 << 11) | (2 << 8) | (8 << 2) | 1) /* command on one line first */
#define READ_CONTINUED     ((0xA0 << 24) | (4 << 11) | (8 << 2) | 2) /* no command; mode 0xA0 */

    .section .boot2, "ax"
    .global ek_boot2
    .type ek_boot2, %function
    .thumb_func
ek_boot2:
    /* Pads for 62.5 MHz: clock 8 mA and fast slew; no Schmitt delay on the data lines. */
    ldr  r0, =PADS_QSPI
    movs r1, #0x21
    str  r1, [r0, #4]
    ldr  r0, =(PADS_QSPI + 0x3000)
    movs r1, #2
    str  r1, [r0, #SD0_CLEAR]
    str  r1, [r0, #SD0_CLEAR + 4]
    str  r1, [r0, #SD0_CLEAR + 8]
    str  r1, [r0, #SD0_CLEAR + 12]

    ldr  r3, =SSI
    movs r1, #0
    str  r1, [r3, #SSIENR]
    movs r1, #2
    str  r1, [r3, #BAUDR]
    movs r1, #1                   /* sample half a clock later: the round trip takes that long */
    movs r0, #0xF0                /* RX_SAMPLE_DLY */
    str  r1, [r3, r0]

    /* Quad needs QE. Factory-set on the Pico's part; elsewhere set it until power goes (0x50). */
    ldr  r1, =CTRLR0_ONE_BIT_8
    str  r1, [r3, #CTRLR0]
    movs r1, #1
    str  r1, [r3, #SSIENR]
    movs r0, #0x35                /* read status register 2 */
    movs r1, #0
    bl   send_two
    movs r1, #2
    tst  r0, r1
    bne  quad
    movs r0, #0x50                /* the next status write is volatile */
    bl   send_one
    movs r0, #0x31                /* write status register 2: QE */
    movs r1, #2
    bl   send_two

quad:
    movs r1, #0
    str  r1, [r3, #SSIENR]
    ldr  r1, =CTRLR0_QUAD_READ
    str  r1, [r3, #CTRLR0]
    movs r1, #0
    str  r1, [r3, #CTRLR1]
    movs r4, #0xF4                /* SPI_CTRLR0 */
    ldr  r1, =READ_WITH_COMMAND
    str  r1, [r3, r4]
    movs r1, #1
    str  r1, [r3, #SSIENR]
    movs r1, #0xEB                /* one read with its command; mode 0xA0 says: none from now on */
    str  r1, [r3, #DR0]
    movs r1, #0xA0
    str  r1, [r3, #DR0]
    bl   wait_sent
    movs r1, #0
    str  r1, [r3, #SSIENR]
    ldr  r1, =READ_CONTINUED
    str  r1, [r3, r4]
    movs r1, #1
    str  r1, [r3, #SSIENR]

    ldr  r0, =IMAGE
    ldr  r1, =VTOR
    str  r0, [r1]
    ldmia r0, {r0, r1}
    msr  msp, r0
    bx   r1

/* Sends r0, with send_two r1 after it; returns the last byte received in r0. Spoils r1, r2, r5. */
    .thumb_func
send_two:
    str  r0, [r3, #DR0]
    str  r1, [r3, #DR0]
    movs r5, #2
    b    receive
    .thumb_func
send_one:
    str  r0, [r3, #DR0]
    movs r5, #1
receive:
    ldr  r2, [r3, #SR]
    movs r1, #8                   /* receive FIFO not empty */
    tst  r2, r1
    beq  receive
    ldr  r0, [r3, #DR0]
    subs r5, #1
    bne  receive
    /* fall through: chip select must be high again before the next command */
    .thumb_func
wait_sent:
    ldr  r2, [r3, #SR]
    movs r1, #4                   /* transmit FIFO empty */
    tst  r2, r1
    beq  wait_sent
    movs r1, #1                   /* busy */
    tst  r2, r1
    bne  wait_sent
    bx   lr
    .ltorg

    .org 252, 0                   /* the assembler refuses when the code is longer */
    .word 0                       /* the checksum */
