"""The client and the real C firmware, built for this machine; and the simulated board beside it."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import host_firmware, tiny_model
from support.host_firmware import PipeLink

from edgekit.link.client import Client
from edgekit.link.simulated_board import SimulatedBoard, describe
from edgekit.protocol import frames, messages
from edgekit.protocol.message import Message
from edgekit.protocol.replies import Inferred, Refused, Steps
from edgekit.protocol.requests import (
    InferFlags,
    InferRequest,
    OutputRequest,
    StepsRequest,
    WriteRequest,
)

STEPS = 45  # more than one reply to READ_STEPS holds


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("host_firmware")
    compiled = tiny_model.write(folder / "model", steps=STEPS)
    return host_firmware.build(compiled, folder / "model", folder / "firmware")


@pytest.fixture
def link(program: Path) -> Iterator[PipeLink]:
    with PipeLink(program) as link:
        yield link


def test_an_inference_gives_the_models_output_and_each_steps_checksum(link: PipeLink) -> None:
    client = Client(link, macs=1000)
    client.expect_model(tiny_model.SHA256)
    for seed in range(20):
        x = tiny_model.random_input(seed)
        outputs = tiny_model.run(x, steps=STEPS)
        result = client.infer(x.tobytes(), profile=True, checksum=True)
        assert result.output == outputs[-1].tobytes()
        assert result.steps is not None
        crcs = [step.output_crc for step in result.steps]
        assert crcs == [zlib.crc32(output.tobytes()) for output in outputs]
        assert sum(step.cycles for step in result.steps) == result.cycles
    assert client.resends == 0


def test_timing_memory_and_restart(link: PipeLink) -> None:
    client = Client(link)
    boot = client.hello().boot
    assert client.time().cycles > 0
    assert client.memory().arena_bytes == tiny_model.INPUT_BYTES
    client.reset()
    assert client.hello().boot != boot


class NoisyPipe(PipeLink):
    """Flips bits, both ways."""

    def __init__(self, program: Path, bit_error_rate: float) -> None:
        super().__init__(program)
        self._random = random.Random(5)
        self._rate = bit_error_rate

    def write(self, data: bytes) -> None:
        super().write(self._flip(data))

    def read(self, timeout_s: float) -> bytes:
        return self._flip(super().read(min(timeout_s, 0.02)))

    def now(self) -> float:
        # A pipe is faster than any serial line: impatience costs nothing here.
        return 5 * super().now()

    def _flip(self, data: bytes) -> bytes:
        flipped = bytearray(data)
        for at in range(len(flipped)):
            if self._random.random() < 8 * self._rate:
                flipped[at] ^= 1 << self._random.randrange(8)
        return bytes(flipped)


def test_no_wrong_result_comes_over_a_noisy_line(program: Path) -> None:
    with Client(NoisyPipe(program, 1e-4)) as client:
        for seed in range(30):
            x = tiny_model.random_input(seed)
            assert client.infer(x.tobytes()).output == tiny_model.run(x, steps=STEPS)[-1].tobytes()
        assert client.resends > 10


def _model(x: bytes) -> bytes:
    return tiny_model.run(np.frombuffer(x, np.int8), steps=STEPS)[-1].tobytes()


_X = tiny_model.random_input(3).tobytes()
_RUN = st.integers(0, 3)
_UPLOAD = [WriteRequest(at, _X[at : at + 480]) for at in range(0, len(_X), 480)]
_INFER = st.builds(
    InferRequest, _RUN, st.sampled_from([zlib.crc32(_X), 1]), st.integers(0, 7).map(InferFlags)
)
_REQUESTS = st.lists(
    st.one_of(
        st.just(_UPLOAD),
        _INFER.map(lambda request: [request]),
        _INFER.map(lambda request: [*_UPLOAD, request]),
        st.builds(OutputRequest, _RUN, st.integers(0, 700), st.integers(0, 500)).map(lambda r: [r]),
        st.builds(OutputRequest, _RUN, st.just(300), st.just(300)).map(lambda r: [r]),
        st.builds(StepsRequest, _RUN, st.integers(0, 60)).map(lambda r: [r]),
        st.builds(WriteRequest, st.integers(0, 1300), st.just(b"xyz")).map(lambda r: [r]),
    ),
    max_size=12,
).map(lambda groups: [request for group in groups for request in group])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(requests=_REQUESTS)
def test_the_simulated_board_goes_by_the_firmwares_rules(
    program: Path, requests: list[Message]
) -> None:
    hello = describe(
        input_bytes=tiny_model.INPUT_BYTES, output_bytes=tiny_model.OUTPUT_BYTES, step_count=STEPS
    )
    with PipeLink(program) as link:
        boot = Client(link).hello().boot
        simulated = SimulatedBoard(_model, replace(hello, boot=boot))
        sent = [
            frames.encode(messages.encode_request(_meant_for(boot, request), number))
            for number, request in enumerate([*requests, _LAST])
        ]
        told = [answer.frame for frame in sent for answer in simulated.receive(frame)]
        expected = frames.Decoder().feed(b"".join(told))
        link.write(b"".join(sent))
        found = _hear(link, len(expected))
    assert [_comparable(payload) for payload in found] == [
        _comparable(payload) for payload in expected
    ]


_LAST = OutputRequest(99, 0, 0)
"""A run that never was: its refusal ends what is compared."""


def _meant_for(boot: int, request: Message) -> Message:
    """A stale run that is meant for the board's input is meant for its boot."""
    if not isinstance(request, InferRequest) or not request.flags & InferFlags.STALE:
        return request
    return replace(request, input_crc=boot if request.input_crc != 1 else 1)


def _hear(link: PipeLink, count: int) -> list[bytes]:
    decoder, found = frames.Decoder(), list[bytes]()
    while len(found) < count:
        data = link.read(20)
        assert data
        found += decoder.feed(data)
    return found


def _comparable(payload: bytes) -> tuple[int, Message]:
    """A reply without what a simulation cannot know: times, and the arena after a run."""
    reply = messages.parse_reply(payload)
    if isinstance(reply, Inferred):
        reply = replace(reply, boot=0, cycles=0, output_crc=0)
    if isinstance(reply, Steps):
        reply = replace(reply, packed=bytes(len(reply.packed)))
    if isinstance(reply, Refused):
        reply = replace(reply, detail=0)
    return payload[1], reply
