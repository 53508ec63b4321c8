"""What was packed with the agent: a model, and what the board is called."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MODEL = "model.tflite"
CARGO = "cargo.json"

OK, WRONG_MACHINE, BAD_MODEL, NO_INTERPRETER, BUSY = 0, 64, 65, 69, 75
"""How the agent exits (as sysexits.h numbers them): the host's link tells by it what is wrong."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """`board` and `core` are ids; `machine` is what a fitting device tree's name contains, ""
    for any machine."""

    board: str
    core: str
    machine: str
    model_name: str
    model_sha256: str

    def json(self) -> bytes:
        """As it lies in the package."""
        return json.dumps(asdict(self), indent=1).encode()


def parse(data: bytes) -> Cargo:
    """What `Cargo.json` wrote. Raises `ValueError` for anything else."""
    try:
        return Cargo(**json.loads(data))
    except TypeError as error:
        raise ValueError(str(error)) from None
