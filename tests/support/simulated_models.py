"""Models for the simulated board, and the type of the fixture that connects to one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from edgekit.link.fake import FakeLink
from edgekit.link.simulated_board import Model

Connect = Callable[..., FakeLink]


def model_of(output_bytes: int, salt: bytes = b"") -> Model:
    """A model whose every output byte depends on every input byte."""

    def run(x: bytes) -> bytes:
        return hashlib.shake_128(salt + x).digest(output_bytes)

    return run
