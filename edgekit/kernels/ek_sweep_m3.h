/* ek_sweep_m3: the sweeps of ek_sweep_m0plus.h in Thumb-2, for Armv7-M (Cortex-M3), where any
 * register does. That header includes it, and says what they take and give.
 */
#ifndef EK_SWEEP_M3_H
#define EK_SWEEP_M3_H

/* r0 four activations, r1 in, r2 lanes, r3..r6 weights, r7 r8 lanes, r9..r12 sums, lr activation.
 * The struct is copied to the stack, the end of the row behind. */
#define EK_FIRST "mul r7, r3, lr\n mul r8, r4, lr\n"
#define EK_MORE(low, high, x)                                                                      \
    "mla r7, " low ", " x ", r7\n mla r8, " high ", " x ", r8\n"
#define EK_WEIGHTS "ldmia r2!, {r3-r6}\n"
#define EK_SPLIT                                                                                   \
    "sxth r3, r7\n sub r7, r7, r3\n add r9, r9, r3\n add r10, r10, r7, asr #16\n"                  \
    "sxth r4, r8\n sub r8, r8, r4\n add r11, r11, r4\n add r12, r12, r8, asr #16\n"
#define EK_ROW_END "ldr lr, [sp, #72]\n cmp r2, lr\n"
#define EK_FOURS                                                                                   \
    "14: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n" EK_FIRST "sbfx lr, r0, #8, #8\n"           \
    EK_MORE("r5", "r6", "lr") EK_WEIGHTS "sbfx lr, r0, #16, #8\n" EK_MORE("r3", "r4", "lr")        \
    "asr r0, r0, #24\n" EK_MORE("r5", "r6", "r0") EK_SPLIT EK_ROW_END "bne 14b\n b 5f\n"           \
    "12: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n" EK_FIRST "sbfx lr, r0, #8, #8\n"           \
    EK_MORE("r5", "r6", "lr") EK_SPLIT EK_WEIGHTS "sbfx lr, r0, #16, #8\n" EK_FIRST               \
    "asr r0, r0, #24\n" EK_MORE("r5", "r6", "r0") EK_SPLIT EK_ROW_END "bne 12b\n"
/* Begins a window (label 3). */
#define EK_WINDOW(last)                                                                            \
    "3: ldr r1, [sp, #0]\n ldr r2, [sp, #8]\n ldr r0, [sp, #12]\n str r0, [sp, #72]\n"            \
    "mov r9, #0\n mov r10, #0\n mov r11, #0\n" last
/* Ends a row (label 5): the next one at label 4, or outputs (label 6). */
#define EK_ROW                                                                                     \
    "5: ldr r0, [sp, #16]\n cmp r2, r0\n beq 6f\n"                                                 \
    "ldr r0, [sp, #24]\n add r1, r1, r0\n ldr r0, [sp, #20]\n add lr, lr, r0\n"                   \
    "str lr, [sp, #72]\n b 4b\n"                                                                  \
    "6: ldr r6, [sp, #4]\n ldr r7, [sp, #40]\n"
/* Ends a window, with its output in r6. */
#define EK_WINDOW_END                                                                              \
    "ldr r0, [sp, #32]\n add r6, r6, r0\n"                                                        \
    "str r6, [sp, #4]\n ldr r0, [sp, #0]\n ldr r1, [sp, #28]\n add r0, r0, r1\n"                  \
    "str r0, [sp, #0]\n ldr r1, [sp, #36]\n cmp r6, r1\n bne 3b\n"                                \
    "add sp, #80\n pop {r4-r11, pc}\n"
#define EK_SWEEP_BEGIN                                                                             \
    ".syntax unified\n"                                                                            \
    "push {r4-r11, lr}\n sub sp, #80\n mov r12, sp\n"                                             \
    "ldmia r0!, {r1-r6}\n stmia r12!, {r1-r6}\n ldmia r0!, {r1-r6}\n stmia r12!, {r1-r6}\n"
#define EK_VALUE(sum)                                                                              \
    "ldmia r7!, {r0-r4}\n add r0, r0, " sum "\n bic r0, r0, r0, asr #31\n cmp r0, r1\n it hi\n"   \
    "movhi r0, r1\n mul r2, r0, r2\n mla r4, r0, r3, r4\n add r4, r4, r2, lsr #13\n"
#define EK_OUTPUT(sum, place) EK_VALUE(sum) "lsr r4, r4, #24\n strb r4, [r6, #" place "]\n"

__attribute__((naked, noinline, unused)) static void
ek_sweep_s8(__attribute__((unused)) const ek_sweep_t *sweep)
{
    __asm__ volatile(
        EK_SWEEP_BEGIN
        EK_WINDOW("mov r12, #0\n") "4: ldr r0, [sp, #44]\n cmp r0, #4\n bne 12f\n" EK_FOURS EK_ROW
        EK_OUTPUT("r9", "0") EK_OUTPUT("r10", "1") EK_OUTPUT("r11", "2") EK_OUTPUT("r12", "3")
        EK_WINDOW_END);
}

/* Four channels, of which one has weights of -128 side by side. */
#define EK_FOURS_APART                                                                             \
    "11: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n" EK_FIRST EK_SPLIT                          \
    "sbfx lr, r0, #8, #8\n mul r7, r5, lr\n mul r8, r6, lr\n" EK_SPLIT                             \
    EK_WEIGHTS "sbfx lr, r0, #16, #8\n" EK_FIRST EK_SPLIT                                          \
    "asr r0, r0, #24\n mul r7, r5, r0\n mul r8, r6, r0\n" EK_SPLIT EK_ROW_END "bne 11b\n b 5f\n"
/* Two channels: their lanes in r7. */
#define EK_SPLIT_TWO                                                                               \
    "sxth r3, r7\n sub r7, r7, r3\n add r11, r11, r3\n add r12, r12, r7, asr #16\n"
#define EK_TWOS                                                                                    \
    "24: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n mul r7, r3, lr\n sbfx lr, r0, #8, #8\n"     \
    "mla r7, r4, lr, r7\n sbfx lr, r0, #16, #8\n mla r7, r5, lr, r7\n asr r0, r0, #24\n"           \
    "mla r7, r6, r0, r7\n" EK_SPLIT_TWO EK_ROW_END "bne 24b\n b 5f\n"                              \
    "22: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n mul r7, r3, lr\n sbfx lr, r0, #8, #8\n"     \
    "mla r7, r4, lr, r7\n" EK_SPLIT_TWO "sbfx lr, r0, #16, #8\n mul r7, r5, lr\n"                  \
    "asr r0, r0, #24\n mla r7, r6, r0, r7\n" EK_SPLIT_TWO EK_ROW_END "bne 22b\n b 5f\n"
#define EK_TWOS_APART                                                                              \
    "21: ldr r0, [r1], #4\n" EK_WEIGHTS "sxtb lr, r0\n mul r7, r3, lr\n" EK_SPLIT_TWO              \
    "sbfx lr, r0, #8, #8\n mul r7, r4, lr\n" EK_SPLIT_TWO                                         \
    "sbfx lr, r0, #16, #8\n mul r7, r5, lr\n" EK_SPLIT_TWO                                        \
    "asr r0, r0, #24\n mul r7, r6, r0\n" EK_SPLIT_TWO EK_ROW_END "bne 21b\n b 5f\n"
/* One channel: r0 is U of the four activations. */
#define EK_ONES                                                                                    \
    "31: ldr r8, [sp, #68]\n"                                                                      \
    "32: ldr r0, [r1], #4\n" EK_WEIGHTS "eor r0, r0, r8\n mla r12, r3, r0, r12\n"                  \
    "lsr r0, r0, #8\n mla r12, r4, r0, r12\n lsr r0, r0, #8\n mla r12, r5, r0, r12\n"              \
    "lsr r0, r0, #8\n mla r12, r6, r0, r12\n" EK_ROW_END "bne 32b\n"
/* Passes over channel `place` where that is skipped. r5 out_channel, r8 skip. */
#define EK_PUT(VALUE, sum, place)                                                                  \
    "cmp r8, #" place "\n bhi 1f\n" VALUE(sum) "lsr r4, r4, #24\n strb r4, [r6]\n add r6, r6, r5\n1: "
#define EK_VALUE_BENT(sum)                                                                         \
    EK_VALUE(sum) "ldmia r7!, {r1, r2}\n cmp r0, r1\n it lo\n sublo r4, r4, r2\n"
#define EK_PUT_ALL(VALUE)                                                                          \
    EK_PUT(VALUE, "r9", "0") EK_PUT(VALUE, "r10", "1") EK_PUT(VALUE, "r11", "2")                   \
    EK_PUT(VALUE, "r12", "3")

__attribute__((naked, noinline, unused)) static void
ek_sweep_any_s8(__attribute__((unused)) const ek_sweep_t *sweep)
{
    __asm__ volatile(
        EK_SWEEP_BEGIN
        "ldmia r0!, {r1-r6}\n stmia r12!, {r1-r6}\n"
        /* sp + 76: the loop for this width and run */
        "ldr r0, [sp, #44]\n adr.w r1, 31f\n cmp r5, #1\n beq 2f\n"
        "adr.w r1, 24f\n adr.w r2, 22f\n adr.w r3, 21f\n cmp r5, #2\n beq 1f\n"
        "adr.w r1, 14f\n adr.w r2, 12f\n adr.w r3, 11f\n"
        "1: cmp r0, #2\n it eq\n moveq r1, r2\n it lo\n movlo r1, r3\n"
        "2: orr r1, r1, #1\n str r1, [sp, #76]\n"
        EK_WINDOW("ldr r12, [sp, #60]\n") "4: ldr pc, [sp, #76]\n"
        EK_FOURS "b 5f\n" EK_FOURS_APART EK_TWOS EK_TWOS_APART EK_ONES EK_ROW
        "ldr r5, [sp, #48]\n ldr r8, [sp, #52]\n ldr r0, [sp, #56]\n cmp r0, #1\n beq 61f\n bhi 62f\n"
        "stmia r6!, {r9-r12}\n b 8f\n"
        "61: " EK_PUT_ALL(EK_VALUE) "b 8f\n"
        "62: " EK_PUT_ALL(EK_VALUE_BENT)
        "8: ldr r6, [sp, #4]\n" EK_WINDOW_END);
}

#endif
