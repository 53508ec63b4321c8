/* ek_unpack_m0plus: the weights of one block of channels, from bytes in flash to what
 * ek_sweep_m0plus.h multiplies by.
 *
 *   weights  [size][4, 2 or 1] int8, of four channels as ek_conv_2d_s8_m0plus.h says
 *   lanes    [size][2, 1 or 1] uint32
 *
 * Alignment  weights of four channels at a multiple of 4 bytes.
 * Requires   size is a multiple of 4, and not 0.
 */
#ifndef EK_UNPACK_M0PLUS_H
#define EK_UNPACK_M0PLUS_H

#include <stdint.h>

/* Of four channels. */
#if defined(__ARM_ARCH_6M__)
/* r0 lanes, r1 weights, r2 middle, r3 bytes, r12 end of the weights */
__attribute__((naked, noinline)) static void
ek_unpack_four(__attribute__((unused)) uint32_t *lanes,
               __attribute__((unused)) const int8_t *weights, __attribute__((unused)) int32_t size)
{
    __asm__ volatile(
        ".syntax unified\n"
        "push {r4-r7, lr}\n lsls r2, r2, #2\n adds r2, r2, r1\n mov r12, r2\n"
        "movs r2, #128\n lsls r4, r2, #16\n orrs r2, r4\n"
        "movs r3, #255\n lsls r4, r3, #16\n orrs r3, r4\n"
        "1: ldmia r1!, {r4, r6}\n lsrs r5, r4, #8\n lsrs r7, r6, #8\n"
        "ands r4, r3\n ands r5, r3\n ands r6, r3\n ands r7, r3\n"
        "subs r4, r4, r2\n subs r5, r5, r2\n subs r6, r6, r2\n subs r7, r7, r2\n"
        "stmia r0!, {r4-r7}\n cmp r1, r12\n bne 1b\n"
        "pop {r4-r7, pc}\n");
}
#else
static inline void ek_unpack_four(uint32_t *lanes, const int8_t *weights, int32_t size)
{
    const uint32_t bytes = 0x00FF00FFu, middle = 0x00800080u;
    for (int32_t i = 0; i < size; i++) {
        uint32_t four;
        __builtin_memcpy(&four, __builtin_assume_aligned(weights + 4 * i, 4), sizeof four);
        lanes[2 * i] = (four & bytes) - middle;
        lanes[2 * i + 1] = ((four >> 8) & bytes) - middle;
    }
}
#endif

/* Of two. */
static inline void ek_unpack_two(uint32_t *lanes, const int8_t *weights, int32_t size)
{
    for (int32_t i = 0; i < size; i++, weights += 2)
        lanes[i] = (uint32_t)weights[0] + ((uint32_t)weights[1] << 16);
}

/* The factors of one; gives what its sum begins with. */
static inline int32_t ek_unpack_one(uint32_t *lanes, const int8_t *weights, int32_t size)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < size; i++) {
        sum += weights[i];
        lanes[i] = (uint32_t)(i % 4 ? weights[i] - 256 * weights[i - 1] : weights[i]);
    }
    return -128 * sum;
}

#endif
