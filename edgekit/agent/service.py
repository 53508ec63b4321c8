"""The protocol's server over LiteRT: cycles are nanoseconds of this machine's clock."""

from __future__ import annotations

import os

from edgekit.agent import machine
from edgekit.agent.interpreter import Interpreter
from edgekit.agent.package import Cargo
from edgekit.protocol import messages
from edgekit.protocol.hello import Hello
from edgekit.protocol.replies import Health, Memory
from edgekit.protocol.requests import InferFlags, ResetKind
from edgekit.protocol.server import Ran, Server

_NANOSECONDS = 1_000_000_000


class Service(Server):
    """Serves one model; `restart` is set when a client asked for it."""

    def __init__(self, cargo: Cargo, model: bytes, threads: int) -> None:
        before = machine.resident_bytes()
        self._interpreter = Interpreter(model, threads)
        self._interpreter.run(bytes(self._interpreter.input.bytes))
        self._model_bytes = max(0, machine.resident_bytes() - before)
        self.restart = False
        super().__init__(_describe(cargo, self._interpreter))

    def run(self, x: bytes, flags: InferFlags) -> Ran:  # noqa: ARG002
        """See `Server.run`; single steps are not told apart."""
        return Ran(*self._interpreter.run(x))

    def memory(self) -> Memory:
        """What the process grew by when the model was loaded and ran once."""
        return Memory(self._model_bytes, 0, 0, 0)

    def reset(self, kind: ResetKind) -> None:  # noqa: ARG002
        """There is no bootloader: either kind starts the program anew."""
        self.restart = True

    def health(self) -> Health:
        """See `Server.health`."""
        return machine.health(self._interpreter.threads)

    def use_threads(self, count: int) -> bool:
        """See `Server.use_threads`."""
        self._interpreter.use_threads(count)
        return True


def _describe(cargo: Cargo, interpreter: Interpreter) -> Hello:
    return Hello(
        version=messages.VERSION,
        boot=int.from_bytes(os.urandom(4), "little"),
        clock_hz=_NANOSECONDS,
        board=cargo.board,
        core=cargo.core[:16],
        compiler=interpreter.name[:32],
        runtime="xnnpack" if interpreter.has_xnnpack else "litert",
        model=cargo.model_name[:32],
        model_sha256=cargo.model_sha256,
        input=interpreter.input,
        output=interpreter.output,
        step_count=0,
        arena_bytes=0,
    )
