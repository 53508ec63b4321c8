"""A simulated board, and what its model gives on the host."""

from __future__ import annotations

import pytest
from support.simulated_models import Connect, model_of

from edgekit.link.fake import FakeLink, Faults
from edgekit.link.simulated_board import SimulatedBoard, describe


@pytest.fixture
def connect() -> Connect:
    """A link to a fresh simulated board."""

    def make(
        faults: Faults | None = None,
        *,
        input_bytes: int = 16,
        output_bytes: int = 4,
        step_count: int = 3,
        infer_s: float = 0.0,
        seed: int = 1,
    ) -> FakeLink:
        hello = describe(input_bytes=input_bytes, output_bytes=output_bytes, step_count=step_count)
        board = SimulatedBoard(model_of(output_bytes), hello, infer_s=infer_s)
        return FakeLink(board, faults, seed=seed)

    return make
