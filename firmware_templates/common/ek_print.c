#include "ek_print.h"

#include <string.h>

#include "ek_hal.h"

#define DIGITS_MAX 20U /* of 2^64 - 1 */
#define MANTISSA_BITS 23U
#define EXPONENT_BIAS 127

void ek_print(const char *text) {
    for (; *text != '\0'; text++) {
        ek_hal_put((uint8_t)*text);
    }
}

void ek_print_u64(uint64_t value) {
    char digits[DIGITS_MAX + 1U];
    char *at = digits + DIGITS_MAX;
    *at = '\0';
    do {
        *--at = (char)('0' + value % 10U);
        value /= 10U;
    } while (value != 0U);
    ek_print(at);
}

void ek_print_hex(uint32_t value) {
    ek_print("0x");
    for (uint32_t shift = 32U; shift > 0U; value <<= 4) {
        ek_hal_put((uint8_t)"0123456789abcdef"[value >> 28]);
        shift -= 4U;
    }
}

/* |value| * 1000 to the nearest integer, ties to even. A float is a whole number below 2^24 times
 * a power of two, so the product with 1000 is exact in 64 bits before it is rounded once. */
static uint64_t thousandths(uint32_t bits) {
    int exponent = (int)((bits >> MANTISSA_BITS) & 0xFFU) - EXPONENT_BIAS - (int)MANTISSA_BITS;
    uint64_t product = (uint64_t)((bits & 0x7FFFFFU) | 0x800000U) * 1000U; /* below 2^34 */
    if (exponent >= 0) {
        return exponent < 30 ? product << exponent : UINT64_MAX;
    }
    if (exponent < -40) { /* below a half of a thousandth; zero and what is nearly zero too */
        return 0;
    }
    uint32_t shift = (uint32_t)-exponent;
    uint64_t whole = product >> shift;
    uint64_t rest = product & ((1ULL << shift) - 1U);
    uint64_t half = 1ULL << (shift - 1U);
    return whole + (uint64_t)(rest > half || (rest == half && (whole & 1U)));
}

void ek_print_milli(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t milli = thousandths(bits);
    if (bits >> 31) {
        ek_print("-");
    }
    ek_print_u64(milli / 1000U);
    uint32_t rest = (uint32_t)(milli % 1000U);
    ek_hal_put('.');
    ek_hal_put((uint8_t)('0' + rest / 100U));
    ek_hal_put((uint8_t)('0' + rest / 10U % 10U));
    ek_hal_put((uint8_t)('0' + rest % 10U));
}
