"""The firmware's text commands, built for this machine under sanitizers: docs/protocol.md holds."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import host_firmware, task_model, tiny_model
from support.compiler import compile_c

from edgekit.paths import firmware_templates_folder
from edgekit.protocol import frames, messages
from edgekit.protocol.hello import Hello
from edgekit.protocol.replies import Inferred
from edgekit.protocol.requests import HelloRequest, InferRequest, WriteRequest

Build = Callable[..., Path]
_PRINT_ALL = """
#include <stdio.h>
#include "ek_hal.h"
#include "ek_print.h"

void ek_hal_put(uint8_t byte) { putchar(byte); }

int main(void)
{
    float value;
    while (fread(&value, sizeof value, 1, stdin) == 1) {
        ek_print_milli(value);
        ek_print("\\n");
    }
    return 0;
}
"""
BANNER = ["m-timestamp-mode-performance", "m-lap-us-0", "m-init-done", "m-ready"]
VWW = ((96, 96, 3), 2)
IC = ((32, 32, 3), 10)
KWS = ((49, 10, 1), 12)
AD = ((640,), 640)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    made: dict[object, Path] = {}

    def make(
        inputs: tuple[int, ...], outputs: int, scale: float = 1 / 256, zero_point: int = -128
    ) -> Path:
        key = (inputs, outputs, scale, zero_point)
        if key not in made:
            folder = tmp_path_factory.mktemp("text")
            compiled = task_model.write(
                folder / "model", inputs, outputs, scale=scale, zero_point=zero_point
            )
            made[key] = host_firmware.build(compiled, folder / "model", folder / "host")
        return made[key]

    return make


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    compiled = tiny_model.write(folder / "model")
    return host_firmware.build(compiled, folder / "model", folder / "host")


def _talk(program: Path, sent: bytes) -> bytes:
    done = subprocess.run([program], input=sent, capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def _replies(program: Path, *commands: str) -> list[list[str]]:
    """The lines of each command's reply, without the `m-ready` that ends each; laps as T."""
    told = _talk(program, "".join(f"{command}%" for command in commands).encode()).decode()
    assert told.endswith("\r\n")
    told = re.sub(r"m-lap-us-[0-9]+\r", "m-lap-us-T\r", told)
    banner, *replies, rest = told.replace("\r\n", "\n").split("m-ready\n")
    assert (banner, rest) == ("m-timestamp-mode-performance\nm-lap-us-T\nm-init-done\n", "")
    assert len(replies) == len(commands)
    return [reply.splitlines() for reply in replies]


def _upload(data: bytes, at_once: int = 31) -> list[str]:
    """As the benchmark's runner sends an input."""
    parts = [data[at : at + at_once] for at in range(0, len(data), at_once)]
    return [f"db load {len(data)}", *(f"db {part.hex()}" for part in parts)]


def _inferred(n: int, w: int, results: str) -> list[str]:
    return [
        f"m-warmup-start-{w}", "m-warmup-done", f"m-infer-start-{n}", "m-lap-us-T", "m-lap-us-T",
        "m-infer-done", f"m-results-[{results}]",
    ]  # fmt: skip


def _shown(q: npt.NDArray[np.int8], scale: float, zero_point: int) -> str:
    values = np.float32(scale) * (q.astype(np.float32) - np.float32(zero_point))
    return ",".join(f"{float(value):.3f}" for value in values)


def test_a_board_says_at_once_that_it_is_there(tiny: Path) -> None:
    lines = re.sub(rb"us-\d+", b"us-0", _talk(tiny, b"")).decode().split("\r\n")
    assert lines == [*BANNER, ""]


@pytest.mark.parametrize(
    ("shapes", "name"), [(VWW, "vww01"), (IC, "ic01"), (KWS, "kws01"), (AD, "ad01")]
)
def test_a_models_shapes_tell_its_task(build: Build, shapes: tuple, name: str) -> None:  # type: ignore[type-arg]
    said, profile = _replies(build(*shapes), "name", "profile")
    assert said == ["m-name-dut-[edgekit]"]
    assert profile == [
        "m-profile-[ULPMark for tinyML Firmware V0.0.1]", f"m-model-[{name}]",
    ]  # fmt: skip


def test_a_model_of_no_task_goes_by_its_name(tiny: Path) -> None:
    assert _replies(tiny, "profile")[0][1] == "m-model-[tiny]"


def test_the_clock_runs_in_microseconds(tiny: Path) -> None:
    told = _talk(tiny, b"timestamp%timestamp%")
    laps = [int(lap) for lap in re.findall(rb"m-lap-us-(\d+)\r\nm-ready\r\n", told)]
    assert len(laps) == 2
    assert laps[0] <= laps[1] < laps[0] + 10_000_000


@pytest.mark.parametrize(("shapes", "flip"), [(VWW, 0x80), (IC, 0x80), (KWS, 0)])
def test_an_inference_shows_what_the_model_makes_of_the_input(
    build: Build,
    shapes: tuple,  # type: ignore[type-arg]
    flip: int,
) -> None:
    inputs, outputs = shapes
    sent = np.random.default_rng(3).integers(0, 256, int(np.prod(inputs)), np.uint8)
    expecting, *parts, inferred = _replies(build(*shapes), *_upload(sent.tobytes()), "infer 1 0")
    x = (sent ^ np.uint8(flip)).view(np.int8)
    assert expecting == [f"m-[Expecting {len(sent)} bytes]"]
    assert parts == [[]] * (len(parts) - 1) + [["m-load-done"]]
    assert inferred == _inferred(1, 0, _shown(task_model.run(x, outputs), 1 / 256, -128))


def test_results_are_of_the_input_however_often_it_ran(build: Build) -> None:
    sent = bytes(range(256)) * 12
    found = _replies(build(*IC), *_upload(sent), "infer 3 2", "infer", "results")[-3:]
    x = (np.frombuffer(sent, np.uint8) ^ np.uint8(0x80)).view(np.int8)
    results = _shown(task_model.run(x, 10), 1 / 256, -128)
    assert found == [
        _inferred(3, 2, results),
        _inferred(1, 10, results),
        [f"m-results-[{results}]"],
    ]


def test_a_second_input_gives_its_own_results(build: Build) -> None:
    found = _replies(
        build(*KWS), *_upload(b"\x01" * 490), "infer 1 0", *_upload(b"\x81" * 490), "infer 1 0"
    )[-1]
    assert found == _inferred(1, 0, _shown(np.full(12, -127, np.int8), 1 / 256, -128))


def test_anomaly_detection_tells_how_far_the_output_is_from_the_input(build: Build) -> None:
    scale, zero_point = 0.39, 90
    x = np.random.default_rng(1).normal(-10, 15, 640).astype(np.float32)
    q = np.clip(np.round(x / np.float32(scale)) + zero_point, -128, 127).astype(np.int8)
    output = task_model.run(q, 640).astype(np.float32)
    distance = np.mean((np.float32(scale) * (output - zero_point) - x) ** 2)
    program = build(*AD, scale, zero_point)
    *_, loaded, inferred = _replies(program, *_upload(x.tobytes()), "infer 2 1")
    assert loaded == ["m-load-done"]
    shown = re.fullmatch(r"m-results-\[([0-9]+\.[0-9]{3})\]", inferred.pop())
    assert shown is not None
    assert float(shown[1]) == pytest.approx(float(distance), abs=2e-3)  # sums in another order
    assert inferred == _inferred(2, 1, "")[:-1]


def test_numbers_are_rounded_as_printf_rounds_them(tmp_path: Path) -> None:
    """Steps of 1/256 and 1/128 make ties; the rest is what else may come."""
    steps = np.arange(-300, 300, dtype=np.float32)
    scales = [1 / 256, 1 / 128, 0.0007, 0.333, 1234.5, 1e-9, 3e-40, 7e6]
    values = np.concatenate([steps * np.float32(scale) for scale in scales])
    folder = firmware_templates_folder() / "common"
    main = tmp_path / "main.c"
    main.write_text(_PRINT_ALL)
    program = compile_c([main, folder / "ek_print.c"], tmp_path / "print", include=[folder])
    shown = _talk(program, values.tobytes()).decode().split()
    assert shown == [f"{float(value):.3f}" for value in values]


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("nmae", "e-[Unknown command: nmae]"),
        ("name2", "e-[Unknown command: name2]"),
        ("nam", "e-[Unknown command: nam]"),
        ("NAME now", "e-[Unknown command: NAME]"),
        ("db", "e-[Command 'db' needs 'load' or hex digits]"),
        ("db load", "e-[Command 'db load' takes a number of bytes above 0]"),
        ("db load 0", "e-[Command 'db load' takes a number of bytes above 0]"),
        ("db load -1", "e-[Command 'db load' takes a number of bytes above 0]"),
        ("db load 12x", "e-[Command 'db load' takes a number of bytes above 0]"),
        ("db load 4294967296", "e-[Command 'db load' takes a number of bytes above 0]"),
        ("db load 1201", "e-[The input has room for 1200 bytes]"),
        ("db 00", "e-[Say 'db load' first]"),
        ("infer 0", "e-[Inference iterations must be >0]"),
        ("infer x", "e-[Inference iterations must be >0]"),
        ("infer 1 x", "e-[Inference warmup must be >=0]"),
        ("results", "e-[There are no results to show]"),
        ("x" * 81, "e-[A command has at most 80 characters]"),
        ("name" + " " * 76 + "!", "e-[A command has at most 80 characters]"),
    ],
)
def test_what_is_wrong_with_a_command_is_said(tiny: Path, command: str, reply: str) -> None:
    assert _replies(tiny, command, "name") == [[reply], ["m-name-dut-[edgekit]"]]


@pytest.mark.parametrize("digits", ["0", "0g", "zz", "00 "[:1] + "!", "012"])
def test_what_is_no_hex_is_refused_and_the_rest_may_follow(tiny: Path, digits: str) -> None:
    _, refused, done = _replies(tiny, "db load 2", f"db {digits}", "db 0102")
    assert refused == ["e-[Not two hex digits a byte]"]
    assert done == ["m-load-done"]


def test_a_command_of_eighty_characters_is_heard_whole(tiny: Path) -> None:
    digits = "aB" * 38
    assert len(f"db  {digits}") == 80
    assert _replies(tiny, "db load 38", f"db  {digits}") == [
        ["m-[Expecting 38 bytes]"], ["m-load-done"],
    ]  # fmt: skip


def test_more_digits_than_announced_are_of_no_account(tiny: Path) -> None:
    assert _replies(tiny, "db load 1", "db 0102", "db 03")[1:] == [
        ["m-load-done"], ["e-[Say 'db load' first]"],
    ]  # fmt: skip


def test_too_many_results_for_a_line_are_not_shown(build: Build) -> None:
    program = build((2000,), 1025)
    assert _replies(program, "infer 1 0")[0][-1] == "e-[There are no results to show]"


def test_ends_of_lines_between_commands_do_no_harm(tiny: Path) -> None:
    told = _talk(tiny, b"\r\nname%\r\n\r\nname%\n name%")
    assert told.count(b"m-name-dut-[edgekit]\r\nm-ready\r\n") == 3
    assert b"e-[" not in told


def _hello(number: int = 7) -> bytes:
    return frames.encode(messages.encode_request(HelloRequest(1), number))


def _hellos(told: bytes) -> list[int]:
    """The sequence numbers of the HELLOs that were answered."""
    payloads = frames.Decoder().feed(told)
    assert all(isinstance(messages.parse_reply(payload), Hello) for payload in payloads)
    return [payload[1] for payload in payloads]


def test_one_line_serves_both_protocols_in_turns(tiny: Path) -> None:
    told = _talk(tiny, b"name%\0" + _hello(1) + b"name%" + b"\0" + _hello(2) + _hello(3) + b"name%")
    assert told.count(b"m-name-dut-[edgekit]\r\nm-ready\r\n") == 3
    assert _hellos(told) == [1, 2, 3]


@pytest.mark.parametrize("number", [0x25, 0x41, 0x0A, 0x20])
def test_a_frame_that_looks_like_text_is_a_frame(tiny: Path, number: int) -> None:
    x = (b"%name%profile%" * 100)[:480]
    write = frames.encode(messages.encode_request(WriteRequest(0, x), number))
    told = _talk(tiny, b"\0" + _hello() + write + _hello())
    assert b"dut" not in told
    assert len(frames.Decoder().feed(told)) == 3


@pytest.mark.parametrize("noise", [b"\xff", b"\x80%", b"\xff\xffab", b"\x01\x02\x03%", b"a\xff"])
def test_noise_at_power_up_costs_one_command_at_most(tiny: Path, noise: bytes) -> None:
    told = _talk(tiny, noise + b"name%name%")
    assert told.endswith(b"m-name-dut-[edgekit]\r\nm-ready\r\n")


def test_a_runner_that_follows_a_host_of_frames_is_heard_in_spite_of_noise(tiny: Path) -> None:
    told = _talk(tiny, b"\0" + _hello() + b"\xff\x01" + b"name%" * 200)
    assert told.endswith(b"m-name-dut-[edgekit]\r\nm-ready\r\n")


def test_what_frames_put_in_is_what_text_runs_on(tiny: Path) -> None:
    x = tiny_model.random_input(5)
    data = x.tobytes()
    writes = [WriteRequest(at, data[at : at + 400]) for at in (0, 400, 800)]
    line = b"".join(frames.encode(messages.encode_request(write, 1)) for write in writes)
    told = _talk(tiny, b"infer 1 0%\0" + line + b"infer 1 3%")
    results = _shown(tiny_model.run(x)[-1], 0.25, 7)
    assert f"m-results-[{results}]\r\nm-ready\r\n".encode() in told


def test_a_text_inference_leaves_nothing_to_read_for_frames(tiny: Path) -> None:
    request = InferRequest(run=0xFFFFFFFF, input_crc=0, flags=0)
    line = frames.encode(messages.encode_request(request, 1))
    told = _talk(tiny, b"infer 1 0%\0" + line)
    (payload,) = frames.Decoder().feed(told)
    assert not isinstance(messages.parse_reply(payload), Inferred)


_WORDS = st.sampled_from(
    ["name", "profile", "timestamp", "db", "load", "infer", "results", "0", "1", "2", "7", "1200",
     "00", "ff", "0g", "a" * 70, " ", "%", "%", "%"]
)  # fmt: skip
_NOISE = st.one_of(
    st.lists(_WORDS, max_size=12).map(lambda words: " ".join(words).encode()),
    st.binary(max_size=120),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120).map(str.encode),
    st.just(b"\0" + _hello()),
    st.integers(500, 1200).map(lambda count: b"\x05" * count),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.lists(_NOISE, max_size=8).map(b"".join))
def test_whatever_comes_both_protocols_answer_afterwards(tiny: Path, noise: bytes) -> None:
    told = _talk(tiny, noise + b"\0" + _hello(200) + b"name%\0" + _hello(201))
    assert [number for number in _hellos(told) if number >= 200][-2:] == [200, 201]
    assert b"m-name-dut-[edgekit]\r\nm-ready\r\n\0" in told
