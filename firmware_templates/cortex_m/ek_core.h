/* ek_core: the parts of a Cortex-M that all chips have. Arm v6-M, v7-M and v8-M manuals. */
#ifndef EK_CORE_H
#define EK_CORE_H

#include "ek_family.h"

#define NVIC_ISER(interrupt) (0xE000E100U + (interrupt) / 32U * 4U)
#define NVIC_BIT(interrupt) (1U << ((interrupt) % 32U))

/* SysTick: 24 bits, down, at the processor's clock. */
#define SYST_CSR 0xE000E010U
#define SYST_ENABLE_INTERRUPT_CPU_CLOCK 7U
#define SYST_RVR 0xE000E014U
#define SYST_CVR 0xE000E018U

#define SCB_ICSR 0xE000ED04U
#define SCB_ICSR_PENDSV (1U << 28)
#define SCB_VTOR 0xE000ED08U
#define SCB_AIRCR 0xE000ED0CU
#define SCB_AIRCR_RESET 0x05FA0004U

/* Data watchpoint and trace: a counter of cycles, not on v6-M. */
#define DCB_DEMCR 0xE000EDFCU
#define DCB_DEMCR_TRACE (1U << 24)
#define DWT_CTRL 0xE0001000U
#define DWT_CTRL_CYCLES (1U << 0)
#define DWT_CYCCNT 0xE0001004U
#define DWT_LAR 0xE0001FB0U /* a lock, on some v7-M only */
#define DWT_LAR_KEY 0xC5ACCE55U

static inline void ek_dwt_start(void) {
    REG(DCB_DEMCR) |= DCB_DEMCR_TRACE;
    REG(DWT_LAR) = DWT_LAR_KEY;
    REG(DWT_CYCCNT) = 0;
    REG(DWT_CTRL) |= DWT_CTRL_CYCLES;
}

#endif
