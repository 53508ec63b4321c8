/* ek_print: text to the host, a few hundred bytes of code instead of a printf. */
#ifndef EK_PRINT_H
#define EK_PRINT_H

#include <stdint.h>

/* Text up to its NUL. */
void ek_print(const char *text);

/* Decimal, without sign or leading zeros. */
void ek_print_u64(uint64_t value);

/* 0x and eight digits. */
void ek_print_hex(uint32_t value);

/* Three decimals, as printf's "%.3f" writes them: the nearest, ties to even.
 * Requires |value| < 2^32; NaN and infinity do not come out of dequantisation. */
void ek_print_milli(float value);

#endif
