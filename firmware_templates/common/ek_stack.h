/* ek_stack: how deep the stack has been, by painting it before use. */
#ifndef EK_STACK_H
#define EK_STACK_H

#include <stdint.h>

/* Paints [ek_hal_stack_low(), the caller's frame). Called once, early, where little is in use. */
void ek_stack_paint(void);

/* The reserved size, and the most that was ever used, in bytes; 0 where none is reserved. */
uint32_t ek_stack_bytes(void);
uint32_t ek_stack_used(void);

#endif
