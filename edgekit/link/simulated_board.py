"""A board in a few lines of Python: the rules of docs/protocol.md, for tests without firmware."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edgekit.protocol import frames, messages
from edgekit.protocol.hello import Hello, TensorInfo
from edgekit.protocol.messages import Message
from edgekit.protocol.replies import Memory
from edgekit.protocol.requests import InferFlags, ResetKind
from edgekit.protocol.server import Ran, Server

Model = Callable[[bytes], bytes]
"""Input bytes to output bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply on its way: what the board thought for, and the frame."""

    delay_s: float
    frame: bytes


class SimulatedBoard(Server):
    """Serves requests as the firmware does; the input is overwritten by running.

    `before` hears of each request before it is served: a test may reboot the board there, or swap
    its model.
    """

    def __init__(
        self,
        model: Model,
        hello: Hello,
        infer_s: float = 0.0,
        before: Callable[[Message], None] | None = None,
    ) -> None:
        self.model = model
        self.infer_s = infer_s
        self.before = before
        self.served = 0
        """Whole requests so far."""
        self.inferred = 0
        """How often the model ran."""
        self._decoder = frames.Decoder()
        super().__init__(hello)

    def reboot(self, hello: Hello | None = None) -> None:
        """Forgets everything; comes back as `hello` says, with the next boot number."""
        self.hello = replace(hello or self.hello, boot=(self.hello.boot + 1) % 2**32)
        self._decoder = frames.Decoder()
        self.forget_all()

    def receive(self, data: bytes) -> list[Answer]:
        """What the board sends for the requests that these bytes complete."""
        answers = []
        for payload in self._decoder.feed(data):
            inferred_before = self.inferred
            frame = self.answer(payload)
            thinking_s = self.infer_s * (self.inferred - inferred_before)
            if frame is not None:
                answers.append(Answer(thinking_s, frame))
        return answers

    def handle(self, request: Message) -> Message:
        """See `Server.handle`."""
        self.served += 1
        if self.before is not None:
            self.before(request)
        return super().handle(request)

    def run(self, x: bytes, flags: InferFlags) -> Ran:
        """See `Server.run`."""
        self.inferred += 1
        output = self.model(x)
        self.input = bytearray(byte ^ 0xFF for byte in x)
        profile, checksum = bool(flags & InferFlags.PROFILE), bool(flags & InferFlags.CHECKSUM)
        count = self.hello.step_count
        steps = tuple((profile * 10 * step, checksum * (step + 1)) for step in range(count))
        return Ran(output, 1000, steps)

    def memory(self) -> Memory:
        """See `Server.memory`."""
        return Memory(8192, 4096, 1024, self.hello.arena_bytes)

    def reset(self, kind: ResetKind) -> None:  # noqa: ARG002
        """See `Server.reset`."""
        self.reboot()


def describe(
    *,
    input_bytes: int,
    output_bytes: int,
    step_count: int = 1,
    sha256: str = "5a" * 32,
    board: str = "fake",
) -> Hello:
    """What a simulated board says of itself."""
    return Hello(
        version=messages.VERSION,
        boot=1,
        clock_hz=125_000_000,
        board=board,
        core="simulated",
        compiler="none",
        runtime="edgekit",
        model="model",
        model_sha256=sha256,
        input=TensorInfo(input_bytes, (input_bytes,), 1.0, 0),
        output=TensorInfo(output_bytes, (output_bytes,), 1.0, 0),
        step_count=step_count,
        arena_bytes=input_bytes + output_bytes,
    )
