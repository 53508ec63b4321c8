"""The memory functions of boards without a C library."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.compiler import compile_c

from edgekit.paths import firmware_templates_folder

_MAIN = """
#include <stdint.h>
#include <stdio.h>
#define memcpy our_memcpy
#define memmove our_memmove
#define memset our_memset
#define memcmp our_memcmp
#include "memory.c"

enum { SIZE = 40 };
static uint8_t buffer[SIZE] __attribute__((aligned(4)));
static uint8_t expected[SIZE];

static void fill(void)
{
    for (int i = 0; i < SIZE; i++) {
        buffer[i] = expected[i] = (uint8_t)(i * 7 + 1);
    }
}

static int check(const char *name, size_t to, size_t from, size_t count)
{
    for (int i = 0; i < SIZE; i++) {
        if (buffer[i] != expected[i]) {
            printf("%s %zu %zu %zu: byte %d\\\n", name, to, from, count, i);
            return 1;
        }
    }
    return 0;
}

static int check_all(size_t to, size_t from, size_t count)
{
    static uint8_t before[SIZE];
    int wrong = 0;
    fill();
    for (size_t i = 0; i < SIZE; i++) before[i] = buffer[i];
    for (size_t i = 0; i < count; i++) expected[to + i] = before[from + i];
    wrong |= memmove(buffer + to, buffer + from, count) != buffer + to;
    wrong |= check("memmove", to, from, count);
    if (to + count <= from || from + count <= to) {
        for (size_t i = 0; i < SIZE; i++) buffer[i] = before[i];
        wrong |= memcpy(buffer + to, buffer + from, count) != buffer + to;
        wrong |= check("memcpy", to, from, count);
    }
    fill();
    for (size_t i = 0; i < count; i++) expected[to + i] = 0xA5;
    wrong |= memset(buffer + to, -0x5B, count) != buffer + to;
    wrong |= check("memset", to, from, count);
    wrong |= memcmp(buffer, expected, SIZE) != 0;
    expected[to] = 0xA6;
    wrong |= memcmp(buffer, expected, SIZE) >= 0 || memcmp(expected, buffer, SIZE) <= 0;
    wrong |= memcmp(buffer, expected, to) != 0;
    return wrong;
}

int main(void)
{
    int wrong = 0;
    for (size_t count = 1; count <= 20; count++)
        for (size_t to = 0; to + count <= SIZE; to++)
            for (size_t from = 0; from + count <= SIZE; from++) wrong |= check_all(to, from, count);
    return wrong;
}
"""


def test_memory_functions_do_what_the_standard_says(tmp_path: Path) -> None:
    source = firmware_templates_folder() / "freestanding" / "memory.c"
    main = tmp_path / "main.c"
    main.write_text(_MAIN)
    program = compile_c([main], tmp_path / "main", include=[source.parent])
    done = subprocess.run([program], capture_output=True, timeout=60, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
