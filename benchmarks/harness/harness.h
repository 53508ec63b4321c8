/* harness: counts what runs on an emulated MPS2 or MPS3 board, and tells the host. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdint.h>

#include "registers.h"

/* Ticks of the board's counter, which are shorter than QEMU's instructions. */
#define NOW() REG(COUNTER)

/* A line of numbers for the host. */
void say(uint32_t count, const uint32_t *numbers);

/* What is to be counted: runs once, and says what two readings of NOW() cost first. */
void harness(void);

#endif
