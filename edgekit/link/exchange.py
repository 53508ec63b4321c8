"""Requests and their replies over a line that loses and damages: sequence numbers and resends.

A line keeps the order of its bytes, and a board answers in the order of arrival. So a reply tells
that every request sent before its own is lost, and these are sent again at once; only when nothing
comes at all does a resend wait for its time.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from edgekit.errors import LinkTimeoutError
from edgekit.link.link import Link
from edgekit.protocol import frames, messages
from edgekit.protocol.messages import MalformedError, Message
from edgekit.protocol.replies import Refused

SILENCE_S = 8.0
"""How long a board may leave requests unanswered, resends included, before it counts as dead."""

PATIENCE_S = 0.25
"""What a reply may take beside the time on the line, before the first resend."""
_FEWEST_TRIES = 16
"""Patience doubles with every resend, as long as this many still fit into the silence."""
_BITS_PER_BYTE = 10  # a start and a stop bit around eight


class RefusedError(Exception):
    """The board answered a request with an error; never leaves `edgekit.link`."""

    def __init__(self, request: Message, refused: Refused) -> None:
        super().__init__(f"{request.TYPE.name}: error {refused.code}, detail {refused.detail}")
        self.request = request
        self.code = refused.code
        self.detail = refused.detail
        self.crash = refused.crash()


@dataclass(slots=True)
class _Pending:
    """A request that waits for its reply."""

    index: int
    request: Message
    frame: bytes
    patience_s: float
    sent: int = 0
    """Its place in the order of everything sent."""
    resend_at: float = 0.0


class Exchange:
    """Asks one board; remembers nothing between calls but the sequence number."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._decoder = frames.Decoder()
        self._sequence = random.randrange(256)
        self._sent = 0
        self._waiting: dict[int, _Pending] = {}
        self.resends = 0
        """How many requests were sent more than once, for reports on a line's quality."""
        self.received_bytes = 0
        self.received_frames = 0

    def ask(
        self, request: Message, *, silence_s: float = SILENCE_S, patience_s: float = PATIENCE_S
    ) -> Message:
        """The reply to one request; resent after `patience_s`, given up after `silence_s`.

        Raises `RefusedError`, and `LinkTimeoutError` when no reply came.
        """
        return self.ask_all([request], under_way=1, silence_s=silence_s, patience_s=patience_s)[0]

    def ask_all(
        self,
        requests: Sequence[Message],
        *,
        under_way: int,
        silence_s: float = SILENCE_S,
        patience_s: float = PATIENCE_S,
        answered: Callable[[int], None] | None = None,
    ) -> list[Message]:
        """The replies to all requests, in their order, with up to `under_way` at a time.

        `answered` hears the index of each request that was. Raises as `ask`.
        """
        queue = deque(enumerate(requests))
        replies: dict[int, Message] = {}
        self._waiting = {}
        quiet_until = self._link.now() + silence_s
        while queue or self._waiting:
            while queue and len(self._waiting) < under_way:
                self._send_first(*queue.popleft(), patience_s)
            for pending, reply in self._listen(quiet_until):
                replies[pending.index] = reply
                if answered is not None:
                    answered(pending.index)
                quiet_until = self._link.now() + silence_s
            self._resend_late(quiet_until, silence_s)
        return [replies[index] for index in range(len(requests))]

    def _send_first(self, index: int, request: Message, patience_s: float) -> None:
        self._sequence = (self._sequence + 1) % 256
        frame = frames.encode(messages.encode_request(request, self._sequence))
        self._waiting[self._sequence] = pending = _Pending(index, request, frame, patience_s)
        self._send(pending, frame if self._sent else frames.END + frame)

    def _send(self, pending: _Pending, data: bytes) -> None:
        self._sent += 1
        pending.sent = self._sent
        self._link.write(data)
        pending.resend_at = self._link.now() + pending.patience_s + self._line_s()

    def _line_s(self) -> float:
        """What all that is under way, and the longest reply, take on the line."""
        on_the_way = sum(len(pending.frame) for pending in self._waiting.values())
        return (on_the_way + frames.MAX_PAYLOAD_BYTES) * _BITS_PER_BYTE / self._link.baud

    def _listen(self, until: float) -> list[tuple[_Pending, Message]]:
        """What is answered by the bytes that come before the next resend."""
        wake_at = min(until, *(pending.resend_at for pending in self._waiting.values()))
        data = self._link.read(max(0.0, wake_at - self._link.now()))
        self.received_bytes += len(data)
        matched = (self._match(payload) for payload in self._decoder.feed(data))
        return [answer for answer in matched if answer is not None]

    def _match(self, payload: bytes) -> tuple[_Pending, Message] | None:
        """The request that a payload answers; None for late replies and other people's."""
        self.received_frames += 1
        sequence = messages.sequence_of(payload)
        pending = None if sequence is None else self._waiting.get(sequence)
        try:
            reply = messages.parse_reply(payload)
        except MalformedError:
            return None
        if sequence is None or pending is None or not _answers(reply, pending.request):
            return None
        del self._waiting[sequence]
        if isinstance(reply, Refused):
            raise RefusedError(pending.request, reply)
        for earlier in self._waiting.values():
            if earlier.sent < pending.sent:
                earlier.resend_at = self._link.now()
        return pending, reply

    def _resend_late(self, quiet_until: float, silence_s: float) -> None:
        now = self._link.now()
        if self._waiting and now >= quiet_until:
            raise self._dead(silence_s)
        for pending in self._waiting.values():
            if now >= pending.resend_at:
                self.resends += 1
                longest = max(pending.patience_s, silence_s / _FEWEST_TRIES)
                pending.patience_s = min(2 * pending.patience_s, longest)
                self._send(pending, frames.END + pending.frame)

    def _dead(self, silence_s: float) -> LinkTimeoutError:
        if self.received_bytes and not self.received_frames:
            return LinkTimeoutError(
                f"{self._link.port} sent {self.received_bytes} B and no edgekit frame among them",
                hint="Flash edgekit firmware (`edgekit flash`), and check the baud rate"
                f" ({self._link.baud}).",
            )
        return LinkTimeoutError(
            f"the board on {self._link.port} did not answer within {silence_s:.1f} s",
            hint="Check the wiring, reset the board, and flash edgekit firmware"
            " (`edgekit flash`) if it has none.",
        )


def _answers(reply: Message, request: Message) -> bool:
    """Whether a reply is to this request: its type, and whatever it repeats of it."""
    if isinstance(reply, Refused):
        return True
    names = {field.name for field in fields(request)}  # type: ignore[arg-type]
    shared = [field.name for field in fields(reply) if field.name in names]  # type: ignore[arg-type]
    return reply.TYPE == request.TYPE and all(
        getattr(reply, name) == getattr(request, name) for name in shared if name != "data"
    )
