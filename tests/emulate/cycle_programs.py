"""Thumb programs that read their own cycles from SysTick, and what a Cortex-M0+ takes for them."""

from __future__ import annotations

# Reads SysTick before and after; the first read itself takes 2 cycles.
MEASURED = """
    ldr r4, =0xE000E010
    ldr r0, =0x00FFFFFF
    str r0, [r4, #4]
    str r0, [r4, #8]
    movs r0, #5
    str r0, [r4]
    ldr r5, [r4, #8]
    {body}
    ldr r6, [r4, #8]
    subs r5, r5, r6
    ldr r0, =0x20000000
    str r5, [r0]
    reset
"""
OVERHEAD = 2

CASES = {
    "nothing": ("", 0),
    "moves, adds, shifts, logic": ("movs r0, #1; adds r1, r0, r0; lsls r1, r0; ands r1, r0", 4),
    "a product": ("muls r0, r1, r0", 1),
    "extend and reverse": ("sxtb r0, r1; uxth r0, r1; rev r0, r1", 3),
    "loads from the stack": ("ldr r0, [sp]; str r0, [sp, #4]", 4),
    "a literal": ("ldr r0, =0x12345678", 2),
    "loads by register": ("mov r0, sp; movs r1, #0; ldrsb r2, [r0, r1]; ldrh r2, [r0, r1]", 6),
    "push and pop": ("push {r0, r1}; pop {r0, r1}", 3 + 3),
    "push with LR": ("push {r0-r3, lr}; pop {r0-r3}; add sp, #4", 6 + 5 + 1),
    "load multiple": ("mov r0, sp; ldmia r0!, {r1, r2, r3}", 1 + 4),
    "store multiple": ("mov r0, sp; subs r0, #16; stmia r0!, {r1-r3}", 1 + 1 + 4),
    "a branch": ("b 1f; nop; 1:", 2),
    "a branch not taken": ("movs r0, #1; beq 1f; nop; nop; 1:", 1 + 1 + 2),
    "a branch taken": ("movs r0, #0; beq 1f; nop; nop; 1:", 1 + 2),
    "a loop": ("movs r0, #5; 1: subs r0, #1; bne 1b", 1 + 5 * 1 + 4 * 2 + 1),
    "a call": ("bl 1f; b 2f; 1: bx lr; 2:", 3 + 2 + 2),
    "a call by register": (
        "mov r0, pc; adds r0, #5; blx r0; b 2f; 1: bx lr; 2:",
        1 + 1 + 2 + 2 + 2,
    ),
    "a return by POP": ("mov r0, pc; adds r0, #5; push {r0}; pop {pc}", 1 + 1 + 2 + 4),
    "a move to PC": ("mov r0, pc; adds r0, #2; mov pc, r0", 1 + 1 + 2),
    "special registers": ("mrs r0, primask; msr primask, r0", 3 + 3),
    "barriers": ("isb; dsb; dmb", 9),
    "SIO": ("movs r0, #0xD; lsls r0, #28; ldr r1, [r0]; str r1, [r0, #16]", 2 + 1 + 1),
    "APB": ("movs r0, #0x40; lsls r0, #24; ldr r1, [r0]; str r1, [r0]", 2 + 4 + 5),
    "the processor's own registers": ("ldr r0, [r4]; str r0, [r4]", 2 + 2),
    "from the middle of a block": ("nop; nop; ldr r5, [r4, #8]; nop; nop; nop", 3),
    "four hundred in a row": (".rept 400; nop; .endr", 400),
}

MIXED = """
    movs r7, #200
1:  mov r0, sp
    subs r0, #64
    stmia r0!, {r1-r3}
    lsrs r1, r7, #1
    bcc 2f
    muls r1, r7, r1
    ldr r2, [r4, #8]
2:  bl 3f
    subs r7, #1
    bne 1b
    b 4f
3:  push {r0-r2, lr}
    pop {r0-r2, pc}
4:
"""
