"""When requests are sent again, and which replies are believed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from support.simulated_models import Connect

from edgekit.errors import LinkTimeoutError
from edgekit.link.exchange import PATIENCE_S, Exchange
from edgekit.link.fake import FakeLink
from edgekit.link.link import Link
from edgekit.protocol import frames, messages
from edgekit.protocol.message import Message
from edgekit.protocol.replies import Inferred, Memory, Output, Written
from edgekit.protocol.requests import InferRequest, MemoryRequest, OutputRequest, WriteRequest


class ScriptedLink(Link):
    """Answers every request with what `answer` makes of it; nothing is ever lost."""

    def __init__(self, answer: Callable[[int, bytes], list[bytes]]) -> None:
        self.port, self.baud = "scripted", 115_200
        self._answer = answer
        self._decoder = frames.Decoder()
        self._arriving: list[bytes] = []
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def write(self, data: bytes) -> None:
        for payload in self._decoder.feed(data):
            self._arriving += self._answer(payload[1], payload)

    def read(self, timeout_s: float) -> bytes:
        if not self._arriving:
            self._now += timeout_s
            return b""
        return self._arriving.pop(0)

    def close(self) -> None:
        pass


def _frame(reply: Message, sequence: int) -> bytes:
    return frames.encode(messages.encode_reply(reply, sequence % 256))


MEMORY = Memory(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("request_", "impostor", "shift"),
    [
        (MemoryRequest(), Memory(9, 9, 9, 9), -1),
        (MemoryRequest(), Memory(9, 9, 9, 9), 1),
        (MemoryRequest(), Written(0, 0), 0),
        (InferRequest(7, 0, 0), Inferred(6, 0, 0, 0), 0),
        (OutputRequest(7, 480, 4), Output(6, 480, b"1234"), 0),
        (OutputRequest(7, 480, 4), Output(7, 0, b"1234"), 0),
        (WriteRequest(480, b"1"), Written(0, 1), 0),
    ],
)
def test_a_reply_to_something_else_is_ignored(
    request_: Message, impostor: Message, shift: int
) -> None:
    link = ScriptedLink(lambda sequence, _: [_frame(impostor, sequence + shift)])
    with pytest.raises(LinkTimeoutError):
        Exchange(link).ask(request_)


def test_the_true_reply_after_impostors_is_believed() -> None:
    def answer(sequence: int, _: bytes) -> list[bytes]:
        noise = [b"\x55\0\x03", _frame(Memory(9, 9, 9, 9), sequence + 5), b"\x02\0"]
        return [*noise, _frame(MEMORY, sequence)]

    assert Exchange(ScriptedLink(answer)).ask(MemoryRequest()) == MEMORY


def test_a_resend_has_the_same_bytes() -> None:
    seen: list[bytes] = []

    def answer(sequence: int, payload: bytes) -> list[bytes]:
        seen.append(payload)
        return [_frame(MEMORY, sequence)] if len(seen) == 3 else []

    exchange = Exchange(ScriptedLink(answer))
    assert exchange.ask(MemoryRequest()) == MEMORY
    assert len(set(seen)) == 1
    assert exchange.resends == 2


def test_resends_come_less_often_and_stop_with_the_silence() -> None:
    sent_at: list[float] = []

    def answer(sequence: int, payload: bytes) -> list[bytes]:
        sent_at.append(link.now())
        return []

    link = ScriptedLink(answer)
    with pytest.raises(LinkTimeoutError, match=r"within 8\.0 s"):
        Exchange(link).ask(MemoryRequest(), silence_s=8.0)
    gaps = [later - earlier for earlier, later in pairwise(sent_at)]
    assert PATIENCE_S < gaps[0] < 2 * PATIENCE_S
    assert gaps == sorted(gaps)
    assert gaps[-1] < 0.6
    assert link.now() == pytest.approx(8.0)


class _Losing(FakeLink):
    """Loses the last byte, the frame's end, of its second write."""

    def __init__(self, link: FakeLink) -> None:
        self.__dict__ = link.__dict__
        self.writes = 0

    def write(self, data: bytes) -> None:
        self.writes += 1
        super().write(data[:-1] if self.writes == 2 else data)


def test_a_lost_frame_end_costs_one_resend(connect: Connect) -> None:
    exchange = Exchange(_Losing(connect()))
    for _ in range(2):
        exchange.ask(MemoryRequest())
    assert exchange.resends == 1


def test_a_reply_shows_that_an_earlier_request_was_lost_without_waiting(connect: Connect) -> None:
    link = connect(input_bytes=4)
    exchange = Exchange(_Losing(link))
    writes = [WriteRequest(at, bytes([at])) for at in range(4)]
    replies = exchange.ask_all(writes, under_way=4)
    assert replies == [Written(at, 1) for at in range(4)]
    assert exchange.resends == 2  # the one that lost its end, and the one that it ran into
    assert link.now() < PATIENCE_S / 2


def test_no_more_than_allowed_are_under_way() -> None:
    waiting = 0
    most = 0

    def answer(sequence: int, payload: bytes) -> list[bytes]:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return [_frame(Written(payload[2], 1), sequence)]

    class Counting(ScriptedLink):
        def read(self, timeout_s: float) -> bytes:
            nonlocal waiting
            waiting -= 1
            return super().read(timeout_s)

    Exchange(Counting(answer)).ask_all([WriteRequest(at, b"x") for at in range(9)], under_way=3)
    assert most == 3


def test_sequence_numbers_wrap_around(connect: Connect) -> None:
    exchange = Exchange(connect())
    for _ in range(600):
        exchange.ask(MemoryRequest())
    assert exchange.resends == 0
