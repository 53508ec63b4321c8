/* ek_entry: from reset to main, and from a fault to what the host is told, on every Cortex-M. */
#ifndef EK_ENTRY_H
#define EK_ENTRY_H

#include <stdint.h>

typedef void (*ek_vector_t)(void);

/* What the linker script places. */
extern uint32_t ek_stack_low[], ek_stack_top[];
extern uint8_t ek_data_start[], ek_data_end[], ek_data_load[], ek_bss_start[], ek_bss_end[];

/* A family's own first instructions, in its vector table. */
_Noreturn void Reset_Handler(void);

/* The last step of every Reset_Handler: fills RAM and calls main. */
_Noreturn void ek_start(void);

/* For the vectors of all faults, of NMI where the watchdog raises it, and of PendSV where a timer
 * plays the watchdog: tells the host where the processor was, and restarts. */
void HardFault_Handler(void);

/* The same from code; 0 for what is not known. */
_Noreturn void ek_fault(uint32_t pc, uint32_t lr);

#endif
