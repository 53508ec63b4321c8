"""The USB driver's C on this machine: memory plays the controller, and says whatever it likes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.compiler import compile_c

from edgekit.paths import firmware_templates_folder

USB = firmware_templates_folder() / "rp_usb"
SOURCES = ("ek_usb", "ek_usb_control", "ek_usb_requests", "ek_usb_serial", "ek_usb_descriptors")
CONFIG_H = '#define EK_BOARD "a board whose name is long"\n'
CHIP_H = "#define EK_USB_PRODUCT 0x000AU\n#define EK_USB_HAS_ID 1\n"
FAKE_H = """
#include <stdint.h>
extern uint8_t fake_memory[4096], fake_registers[256];
#define EK_USB_MEMORY fake_memory
#define EK_USB_REGISTERS fake_registers
"""
MAIN_C = """
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include "fake.h"
#include "ek_hal.h"
#include "ek_usb.h"
#include "ek_usb_parts.h"

_Alignas(8) uint8_t fake_memory[4096], fake_registers[256];
static jmp_buf restart;
static unsigned resets;

void ek_usb_chip_start(void) {}
void ek_usb_chip_enable_interrupt(void) {}
int ek_usb_chip_id(uint32_t id[2]) { id[0] = 0x01234567U; id[1] = 0x89ABCDEFU; return 1; }
uint32_t ek_hal_clock_hz(void) { return 1000U; }
uint64_t ek_hal_cycles(void) { static uint64_t now; return now += 100U; }
_Noreturn void ek_hal_reset(uint8_t kind) {
    if (kind != EK_RESET_BOOTLOADER) abort();
    resets++;
    longjmp(restart, 1);
}

static uint64_t state;
static uint32_t draw(uint32_t below) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (uint32_t)(state >> 20) % below;
}

/* Nothing but what is ours is written to: other endpoints' words, and what is beyond the state. */
static void check(int step) {
    static const uint32_t ours[][2] = {
        {0x00, 0x18}, {0x80, 0x98}, {USB_EP0_BUFFER, USB_EP0_BUFFER + 64}, {USB_OUT_BUFFER,
         USB_STATE + sizeof(ek_usb_state_t)}};
    for (uint32_t at = 0, area = 0; at < 4096U; at++) {
        while (area < 4U && at >= ours[area][1]) area++;
        if (area < 4U && at >= ours[area][0]) continue;
        if (fake_memory[at] != 0U) { printf("step %d: wrote at 0x%03x\\n", step, at); exit(1); }
    }
    if (usb->fill > 64U || usb->out_at > 64U || usb->out_left > 64U || usb->configuration > 1U) {
        printf("step %d: state\\n", step);
        exit(1);
    }
    for (uint32_t at = 0x80; at < 0x98U; at += 4U) {
        if ((USB_WORD(at) & USB_AVAILABLE) && (USB_WORD(at) & USB_LENGTH) > 64U) exit(2);
    }
}

static void interrupt(uint32_t why) {
    USB_INTS = why;
    ek_usb_interrupt();
    USB_INTS = 0;
}

/* Requests near to what is understood, and any others. */
static void setup(void) {
    static const uint8_t types[] = {0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x21, 0xA1};
    static const uint8_t requests[] = {0, 1, 3, 5, 6, 8, 9, 10, 11, 0x20, 0x21, 0x22};
    static const uint8_t indexes[] = {0, 1, 2, 0x80, 0x81, 0x82};
    uint8_t *packet = fake_memory;
    for (int i = 0; i < 8; i++) packet[i] = (uint8_t)draw(256);
    if (draw(8)) packet[0] = types[draw(sizeof types)];
    if (draw(8)) packet[1] = requests[draw(sizeof requests)];
    if (draw(4)) packet[2] = (uint8_t)draw(4);
    if (draw(4)) packet[3] = (uint8_t)draw(8);
    if (draw(4)) { packet[4] = indexes[draw(sizeof indexes)]; packet[5] = 0; }
    if (draw(4)) { packet[6] = (uint8_t)(draw(2) * draw(80)); packet[7] = 0; }
    if (packet[1] == 0x20 && draw(4)) packet[6] = 7;
    interrupt(USB_INT_SETUP);
}

static void ask(uint32_t low, uint32_t high) {
    USB_WORD(USB_SETUP_PACKET) = low;
    USB_WORD(USB_SETUP_PACKET + 4U) = high;
    interrupt(USB_INT_SETUP);
}

static void done(uint32_t bit) {
    USB_BUFF_STATUS = bit;
    interrupt(USB_INT_BUFFERS);
}

/* As a host that means well: configured, a speed, and the port open or closed. */
static void behave(void) {
    ask(0x00010900U, 0);
    done(USB_DONE(0U, 0U));
    ask(0x00002021U, 7U << 16);
    fake_memory[USB_EP0_BUFFER] = 0xB0; /* 1200 or 1201 baud */
    fake_memory[USB_EP0_BUFFER] |= (uint8_t)draw(2);
    fake_memory[USB_EP0_BUFFER + 1U] = 0x04;
    fake_memory[USB_EP0_BUFFER + 2U] = fake_memory[USB_EP0_BUFFER + 3U] = 0;
    USB_WORD(USB_BUFFER_CONTROL(0U, 1U)) = 7;
    done(USB_DONE(0U, 1U));
    done(USB_DONE(0U, 0U));
    ask(0x00002221U | draw(2) << 16, 0);
    done(USB_DONE(0U, 0U));
}

static void out_buffer(uint32_t control, uint32_t buffer) {
    for (uint32_t i = 0; i < 64U; i++) fake_memory[buffer + i] = (uint8_t)draw(256);
    uint32_t length = draw(16) ? draw(3) ? 7U : draw(65) : draw(1024);
    USB_WORD(control) = (draw(16) ? 0U : draw(1U << 30)) & ~0x7FFU;
    USB_WORD(control) |= length;
}

static void act(void) {
    switch (draw(9)) {
    case 0: case 1: setup(); break;
    case 2: out_buffer(USB_BUFFER_CONTROL(0U, 1U), USB_EP0_BUFFER);
            done(USB_DONE(0U, 1U)); break;
    case 3: out_buffer(USB_BUFFER_CONTROL(USB_SERIAL, 1U), USB_OUT_BUFFER);
            done(USB_DONE(USB_SERIAL, 1U)); break;
    case 4: done(draw(4) ? USB_DONE(0U, 0U) : draw(1U << 30)); break;
    case 5: for (uint32_t i = draw(200); i > 0U; i--) ek_usb_put((uint8_t)draw(256)); break;
    case 6: for (uint32_t i = draw(100); i > 0U; i--) (void)ek_usb_get(); break;
    case 7: if (draw(4) == 0U) behave(); break;
    default: if (draw(20) == 0U) interrupt(USB_INT_RESET);
             else if (draw(4)) ek_usb_flush();
             else interrupt(draw(1U << 20));
    }
}

/* The packets of an answer of 64 bytes to a host that wants `wanted`. */
static uint32_t packets(uint32_t wanted) {
    uint32_t count = 0;
    for (ask(0x03020680U, wanted << 16); USB_WORD(0x80) & USB_AVAILABLE; count++) {
        USB_WORD(0x80) &= ~USB_AVAILABLE;
        done(USB_DONE(0U, 0U));
    }
    return count;
}

int main(int argc, char **argv) {
    static volatile int step;
    if (argc == 1) {
        ek_usb_start();
        printf("%u %u %u\\n", packets(63), packets(64), packets(65));
        return 0;
    }
    state = (uint64_t)atoi(argv[1]) * 0x9E3779B97F4A7C15U | 1U;
    const int steps = atoi(argv[2]);
    (void)setjmp(restart);
    ek_usb_start();
    for (; step < steps; step++) {
        act();
        check(step);
    }
    printf("%u\\n", resets);
    return 0;
}
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usb")
    written = {"ek_config.h": CONFIG_H, "ek_usb_chip.h": CHIP_H, "fake.h": FAKE_H, "main.c": MAIN_C}
    for name, text in written.items():
        (folder / name).write_text(text)
    sources = [folder / "main.c"]
    for name in SOURCES:
        sources.append(folder / f"faked_{name}.c")
        sources[-1].write_text(f'#include "fake.h"\n#include "{name}.c"\n')
    return compile_c(sources, folder / "driver", include=[folder, USB, USB.parent / "common"])


def test_an_answer_shorter_than_wanted_ends_with_a_short_packet(driver: Path) -> None:
    """And the name of a board is cut where a packet ends."""
    done = subprocess.run([driver], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "1 1 2\n"


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_nothing_that_a_host_does_makes_it_write_elsewhere(driver: Path, seed: int) -> None:
    done = subprocess.run([driver, str(seed), "40000"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout) > 10  # it came as far as the 1200-baud touch, many times
