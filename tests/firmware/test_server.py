"""The firmware's frames server, built for this machine under sanitizers: docs/protocol.md holds."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import host_firmware, tiny_model

from edgekit.link.exchange import Exchange, RefusedError
from edgekit.protocol import cobs, frames, messages, replies
from edgekit.protocol.hello import Hello
from edgekit.protocol.message import Message
from edgekit.protocol.replies import ErrorCode, Inferred, Refused
from edgekit.protocol.requests import (
    CrashRequest,
    HelloRequest,
    InferFlags,
    InferRequest,
    MemoryRequest,
    OutputRequest,
    ResetKind,
    ResetRequest,
    StepsRequest,
    WriteRequest,
)

STEPS = 45  # more than one READ_STEPS carries
X = tiny_model.random_input()
CRC = zlib.crc32(X.tobytes())
OUTPUTS = tiny_model.run(X, steps=STEPS)
UPLOAD: tuple[Message, ...] = (
    WriteRequest(offset=0, data=X.tobytes()[:480]),
    WriteRequest(offset=480, data=X.tobytes()[480:960]),
    WriteRequest(offset=960, data=X.tobytes()[960:]),
)
RUN = 0x8000_0001


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("server")
    compiled = tiny_model.write(folder / "model", steps=STEPS)
    return host_firmware.build(compiled, folder / "model", folder / "host")


def _line(*requests: Message) -> bytes:
    """Requests as on the line, numbered from 1."""
    return b"\0" + b"".join(
        frames.encode(messages.encode_request(request, number))
        for number, request in enumerate(requests, start=1)
    )


def _ask(program: Path, *requests: Message) -> list[Message]:
    payloads = host_firmware.converse(program, _line(*requests))
    assert [payload[1] for payload in payloads] == list(range(1, len(requests) + 1))
    return [messages.parse_reply(payload) for payload in payloads]


def _infer(run: int = RUN, crc: int = CRC, flags: int = InferFlags.NONE) -> InferRequest:
    return InferRequest(run=run, input_crc=crc, flags=flags)


def _refusals(replies_: list[Message]) -> list[tuple[int, int]]:
    assert all(isinstance(reply, Refused) for reply in replies_), replies_
    return [(reply.code, reply.detail) for reply in replies_ if isinstance(reply, Refused)]


def test_hello_says_who_is_there_and_what_it_runs(program: Path) -> None:
    (hello,) = _ask(program, HelloRequest(version=1))
    assert isinstance(hello, Hello)
    assert (hello.version, hello.board, hello.core) == (1, "pico", "cortex-m0plus")
    assert (hello.compiler, hello.runtime) == ("the host's compiler", "edgekit")
    assert (hello.model, hello.model_sha256) == ("tiny", tiny_model.SHA256)
    assert (hello.input.bytes, hello.input.shape) == (1200, (10, 20, 6))
    assert (hello.input.scale, hello.input.zero_point) == (0.5, -3)
    assert (hello.output.bytes, hello.output.shape) == (600, (600,))
    assert (hello.output.scale, hello.output.zero_point) == (0.25, 7)
    assert (hello.step_count, hello.arena_bytes) == (STEPS, 1200)
    assert hello.clock_hz == 1_000_000_000


def test_another_version_is_refused_with_ours(program: Path) -> None:
    answers = _ask(program, HelloRequest(version=2))
    assert _refusals(answers) == [(ErrorCode.VERSION_NOT_SPOKEN, 1)]


def test_an_inference_gives_the_models_output(program: Path) -> None:
    *written, inferred, output = _ask(program, *UPLOAD, _infer(), OutputRequest(RUN, 0, 480))
    assert written == [
        replies.Written(0, 480),
        replies.Written(480, 480),
        replies.Written(960, 240),
    ]
    assert isinstance(inferred, Inferred)
    assert inferred.run == RUN
    assert inferred.output_crc == zlib.crc32(OUTPUTS[-1].tobytes())
    assert output == replies.Output(RUN, 0, OUTPUTS[-1].tobytes()[:480])


def test_a_part_of_the_output_is_that_part(program: Path) -> None:
    *_, output = _ask(program, *UPLOAD, _infer(), OutputRequest(RUN, 590, 10))
    assert output == replies.Output(RUN, 590, OUTPUTS[-1].tobytes()[590:])


def test_a_resent_request_gets_the_remembered_answer(program: Path) -> None:
    *_, first, again = _ask(program, *UPLOAD, _infer(), _infer())
    assert isinstance(first, Inferred)
    assert first == again


def test_a_new_run_needs_its_input_again(program: Path) -> None:
    *_, refused = _ask(program, *UPLOAD, _infer(), _infer(run=RUN + 1))
    after = OUTPUTS[-1].tobytes() + OUTPUTS[-2].tobytes()[600:]  # the output lies over the input
    assert _refusals([refused]) == [(ErrorCode.INPUT_CRC_DIFFERS, zlib.crc32(after))]


def test_a_wrong_input_crc_is_refused_with_the_boards(program: Path) -> None:
    *_, refused = _ask(program, *UPLOAD, _infer(crc=CRC ^ 1))
    assert _refusals([refused]) == [(ErrorCode.INPUT_CRC_DIFFERS, CRC)]


def test_every_steps_output_is_checksummed(program: Path) -> None:
    flags = InferFlags.CHECKSUM | InferFlags.PROFILE
    *_, first, rest = _ask(
        program, *UPLOAD, _infer(flags=flags), StepsRequest(RUN, 0), StepsRequest(RUN, 40)
    )
    assert isinstance(first, replies.Steps)
    assert isinstance(rest, replies.Steps)
    measured = first.measured() + rest.measured()
    assert [crc for _, crc in measured] == [zlib.crc32(output.tobytes()) for output in OUTPUTS]
    assert (len(first.measured()), rest.first) == (40, 40)
    assert any(cycles > 0 for cycles, _ in measured)


def test_the_steps_of_a_profile_add_up(program: Path) -> None:
    *_, inferred, first, rest = _ask(
        program, *UPLOAD, _infer(flags=InferFlags.PROFILE), StepsRequest(RUN, 0),
        StepsRequest(RUN, 40),
    )  # fmt: skip
    assert isinstance(inferred, Inferred)
    assert isinstance(first, replies.Steps)
    assert isinstance(rest, replies.Steps)
    measured = first.measured() + rest.measured()
    assert inferred.cycles == sum(cycles for cycles, _ in measured) > 0
    assert not any(crc for _, crc in measured)


def test_a_stale_run_is_timed_but_not_read(program: Path) -> None:
    with host_firmware.PipeLink(program) as link:
        exchange = Exchange(link)
        hello = exchange.ask(HelloRequest(1))
        assert isinstance(hello, Hello)
        inferred = exchange.ask(_infer(crc=hello.boot, flags=InferFlags.STALE))
        assert isinstance(inferred, Inferred)
        assert inferred.cycles > 0
        with pytest.raises(RefusedError) as refused:
            exchange.ask(OutputRequest(RUN, 0, 1))
        assert refused.value.code == ErrorCode.NO_SUCH_RUN
        with pytest.raises(RefusedError) as refused:  # one that was meant for the boot before
            exchange.ask(_infer(run=RUN + 1, crc=hello.boot - 1, flags=InferFlags.STALE))
        assert (refused.value.code, refused.value.detail) == (4, hello.boot)


def test_only_the_last_run_is_read(program: Path) -> None:
    profile = _infer(flags=InferFlags.PROFILE)
    *_, output, steps = _ask(
        program, *UPLOAD, profile, OutputRequest(RUN - 1, 0, 1), StepsRequest(RUN - 1, 0)
    )
    assert _refusals([output, steps]) == [(ErrorCode.NO_SUCH_RUN, RUN - 1)] * 2


def test_a_write_ends_the_last_run(program: Path) -> None:
    *_, refused = _ask(program, *UPLOAD, _infer(), WriteRequest(0, b""), OutputRequest(RUN, 0, 1))
    assert _refusals([refused]) == [(ErrorCode.NO_SUCH_RUN, RUN)]


def test_runs_before_the_first_are_refused(program: Path) -> None:
    answers = _ask(program, OutputRequest(0, 0, 1), StepsRequest(0, 0))
    assert _refusals(answers) == [(ErrorCode.NO_SUCH_RUN, 0)] * 2


def test_steps_of_a_run_that_recorded_none_are_refused(program: Path) -> None:
    *_, refused = _ask(program, *UPLOAD, _infer(), StepsRequest(RUN, 0))
    assert _refusals([refused]) == [(ErrorCode.NO_SUCH_RUN, RUN)]


@pytest.mark.parametrize(
    "request_",
    [
        WriteRequest(1200, b"x"),
        WriteRequest(1199, b"xy"),
        WriteRequest(0xFFFF_FFFF, b"xy"),
        WriteRequest(0x8000_0000, b""),
    ],
)
def test_nothing_is_written_outside_the_input(program: Path, request_: Message) -> None:
    assert _refusals(_ask(program, request_)) == [(ErrorCode.OUT_OF_RANGE, 1200)]


@pytest.mark.parametrize(("offset", "length"), [(600, 1), (200, 401), (0xFFFF_FFFF, 2), (0, 481)])
def test_nothing_is_read_outside_the_output(program: Path, offset: int, length: int) -> None:
    *_, refused = _ask(program, *UPLOAD, _infer(), OutputRequest(RUN, offset, length))
    assert _refusals([refused]) == [(ErrorCode.OUT_OF_RANGE, 600)]


def test_steps_that_do_not_exist_are_refused(program: Path) -> None:
    profile = _infer(flags=InferFlags.PROFILE)
    *_, refused = _ask(program, *UPLOAD, profile, StepsRequest(RUN, STEPS))
    assert _refusals([refused]) == [(ErrorCode.OUT_OF_RANGE, STEPS)]


def test_memory_names_the_arena(program: Path) -> None:
    (memory,) = _ask(program, MemoryRequest())
    assert isinstance(memory, replies.Memory)
    assert memory.arena_bytes == 1200
    assert memory.stack_bytes == memory.stack_used_bytes == 0  # the host reserves no stack


@pytest.mark.parametrize("type_", [0, 8, 0x7F, 0x81, 0xFF])
def test_an_unknown_type_is_named(program: Path, type_: int) -> None:
    line = b"\0" + frames.encode(bytes([type_, 9]))
    (payload,) = host_firmware.converse(program, line)
    assert payload == struct.pack("<BBBI", 0xFF, 9, ErrorCode.UNKNOWN_TYPE, type_)


@pytest.mark.parametrize(
    ("type_", "length"),
    [(1, 1), (1, 3), (2, 3), (2, 485), (3, 8), (3, 10), (4, 9), (4, 11), (5, 5), (5, 7), (6, 1),
     (7, 0), (7, 2)],
)  # fmt: skip
def test_a_body_of_a_wrong_length_is_refused(program: Path, type_: int, length: int) -> None:
    line = b"\0" + frames.encode(bytes([type_, 3]) + bytes(length))
    (payload,) = host_firmware.converse(program, line)
    assert payload == struct.pack("<BBBI", 0xFF, 3, ErrorCode.WRONG_LENGTH, length)


def test_a_restart_forgets_and_has_another_boot_id(program: Path) -> None:
    with host_firmware.PipeLink(program) as link:
        decoder = frames.Decoder()

        def ask(*requests: Message) -> list[Message]:
            link.write(_line(*requests))
            found: list[bytes] = []
            while len(found) < len(requests):
                data = link.read(10)
                assert data, "no answer within 10 s"
                found += decoder.feed(data)
            return [messages.parse_reply(payload) for payload in found]

        before = ask(HelloRequest(1), *UPLOAD, _infer(), ResetRequest(ResetKind.RESTART))
        after, refused = ask(HelloRequest(1), OutputRequest(RUN, 0, 1))
    assert before[-1] == replies.ResetDone()
    assert isinstance(before[0], Hello)
    assert isinstance(after, Hello)
    assert before[0].boot != after.boot
    assert _refusals([refused]) == [(ErrorCode.NO_SUCH_RUN, RUN)]


def test_an_unknown_reset_is_refused(program: Path) -> None:
    assert _refusals(_ask(program, ResetRequest(2))) == [(ErrorCode.OUT_OF_RANGE, 1)]


@pytest.mark.parametrize("size", [513, 516, 517, 600, 5000])
def test_a_payload_that_is_too_long_vanishes(program: Path, size: int) -> None:
    payload = (bytes([1, 1]) + bytes(range(1, 256)) * 20)[:size]
    line = b"\0" + cobs.encode(payload + struct.pack("<I", zlib.crc32(payload))) + b"\0"
    answers = host_firmware.converse(program, line + _line(HelloRequest(1)))
    assert [answer[0] for answer in answers] == [0x81]


def test_a_whole_frame_with_more_behind_it_is_not_that_frame(program: Path) -> None:
    longest = frames.encode(bytes([1, 1]) + b"x" * 510)
    assert len(longest) == 519 + 1
    answers = host_firmware.converse(program, b"\0" + longest[:-1] + b"y\0" + longest)
    assert len(answers) == 1


def test_a_payload_without_a_sequence_number_vanishes(program: Path) -> None:
    assert host_firmware.converse(program, b"\0" + frames.encode(b"\6")) == []


_REQUESTS = st.one_of(
    st.builds(WriteRequest, st.integers(0, 1300), st.binary(max_size=480)),
    st.builds(InferRequest, st.integers(0, 3), st.just(0), st.integers(0, 255)),
    st.builds(OutputRequest, st.integers(0, 3), st.integers(0, 700), st.integers(0, 500)),
    st.builds(StepsRequest, st.integers(0, 3), st.integers(0, 50)),
    st.just(MemoryRequest()),
).map(lambda request: frames.encode(messages.encode_request(request, 1)))
_WELL_FRAMED_JUNK = st.binary(min_size=1, max_size=512).map(frames.encode)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    frame = bytearray(draw(_REQUESTS))
    for _ in range(draw(st.integers(1, 3))):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.integers(0, len(frame)))])


_NOISE = st.one_of(
    _REQUESTS, _WELL_FRAMED_JUNK, _damaged(), st.binary(max_size=100),
    st.integers(500, 2000).map(lambda count: b"\x05" * count),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.lists(_NOISE, max_size=12).map(b"".join))
def test_whatever_comes_the_board_answers_afterwards(program: Path, noise: bytes) -> None:
    question = _line(HelloRequest(1), *UPLOAD, _infer(run=0xFFFFF))
    answers = host_firmware.converse(program, _without_resets(noise) + question)
    hello, *_, inferred = (messages.parse_reply(answer) for answer in answers[-5:])
    assert isinstance(hello, Hello)
    assert isinstance(inferred, Inferred)
    assert inferred.output_crc == zlib.crc32(OUTPUTS[-1].tobytes())


def _without_resets(noise: bytes) -> bytes:
    """Noise that is a RESET by chance would lose what follows it."""
    pieces = [piece + b"\0" for piece in noise.split(b"\0")]
    return b"".join(
        piece for piece in pieces if not any(p[0] == 7 for p in frames.Decoder().feed(piece))
    )


@pytest.mark.parametrize("x", [X, np.arange(1200).astype(np.int8) & 1], ids=["any", "no_zero"])
def test_replies_of_every_length_are_framed_right(program: Path, x: npt.NDArray[np.int8]) -> None:
    data, output = x.tobytes(), tiny_model.run(x, steps=STEPS)[-1].tobytes()
    writes = [WriteRequest(at, data[at : at + 400]) for at in (0, 400, 800)]
    reads = [OutputRequest(RUN, 0, length) for length in range(300)] + [
        OutputRequest(RUN, 100, length) for length in range(300, 481)
    ]
    line = b"\0" + b"".join(
        frames.encode(messages.encode_request(request, 1))
        for request in (*writes, _infer(crc=zlib.crc32(data)), *reads)
    )
    answers = host_firmware.converse(program, line)[4:]
    assert [messages.parse_reply(answer) for answer in answers] == [
        replies.Output(RUN, read.offset, output[read.offset :][: read.length]) for read in reads
    ]


def test_a_fault_answers_the_request_that_it_hit(tmp_path: Path) -> None:
    compiled = tiny_model.write(
        tmp_path / "model",
        extra_c='#include <stdlib.h>\n#include "ek_server.h"',
        step_c="if (step == 1U) { ek_server_fault(&(ek_crash_t){2, 1, 0x1234, 7, 9}); exit(0); }",
    )
    program = host_firmware.build(compiled, tmp_path / "model", tmp_path / "host")
    *_, refused = _ask(program, *UPLOAD, _infer())
    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail) == (ErrorCode.FAULT, 0x1234)
    assert refused.crash() == replies.Crash(replies.Cause.FAULT, 1, 0x1234, 7, 9)


def test_a_board_that_never_crashed_says_so(program: Path) -> None:
    (crash,) = _ask(program, CrashRequest())
    assert crash == replies.Crash(replies.Cause.POWER, replies.Crash.NO_STEP, 0, 0, 0)
