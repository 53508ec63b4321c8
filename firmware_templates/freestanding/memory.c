/* Memory functions: by words where both sides are aligned, by bytes elsewhere.
 *
 * Compilers recognise such loops and would replace them by calls to the very function they are in:
 * clang leaves functions of these names alone, gcc is told to.
 */
#include <stdint.h>

#include "string.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint32_t __attribute__((may_alias)) word_t;

static int aligned(const void *a, const void *b) {
    return (((uintptr_t)a | (uintptr_t)b) & 3U) == 0U;
}

/* From the first byte on: right for apart regions, and where `out` lies before `in`. */
static void copy_upwards(uint8_t *out, const uint8_t *in, size_t count) {
    if (aligned(out, in)) {
        for (; count >= 4U; count -= 4U, out += 4, in += 4) {
            *(word_t *)(void *)out = *(const word_t *)(const void *)in;
        }
    }
    while (count-- > 0U) {
        *out++ = *in++;
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    copy_upwards(to, from, count);
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (out <= in || (uintptr_t)out - (uintptr_t)in >= count) {
        copy_upwards(out, in, count);
        return to;
    }
    while (count-- > 0U) {
        out[count] = in[count];
    }
    return to;
}

void *memset(void *to, int value, size_t count) {
    uint8_t *out = to;
    uint8_t byte = (uint8_t)value;
    if (aligned(out, out)) {
        word_t word = byte * 0x01010101U;
        for (; count >= 4U; count -= 4U, out += 4) {
            *(word_t *)(void *)out = word;
        }
    }
    while (count-- > 0U) {
        *out++ = byte;
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t count) {
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i]) {
            return a[i] - b[i];
        }
    }
    return 0;
}
