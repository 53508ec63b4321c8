"""Tensors that pass by row by row, and operations that make a few rows at a time."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.ir import Operation
from edgekit.ops import KernelCall, Rows, Scratch


@dataclass(frozen=True, slots=True)
class Stream:
    """A tensor that passes by row by row, and the window that holds `capacity` rows of it.

    `before` rows of padding stand above the image and `after` below it; all hold `outside`. A
    stream that is `whole` has no window: it lies in the arena.
    """

    tensor: int
    height: int
    row_bytes: int
    before: int
    after: int
    outside: int
    whole: bool
    capacity: int = 0

    @property
    def padded(self) -> bool:
        """Whether rows of padding stand around the image."""
        return self.before > 0 or self.after > 0

    @property
    def bytes(self) -> int:
        """The size of its window."""
        return 0 if self.whole else self.capacity * self.row_bytes


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An operation that makes `band` rows of its output at a time, by `calls`.

    Pointers in the calls name tensors of the graph, and mean the bands of them.
    """

    operation: Operation
    rows: Rows
    band: int
    calls: tuple[KernelCall, ...]

    @property
    def images(self) -> tuple[int, ...]:
        """The tensors that it reads row by row."""
        return tuple(dict.fromkeys(self.operation.inputs[place] for place in self.rows.images))

    @property
    def output(self) -> int:
        """The tensor that it makes."""
        return self.operation.outputs[0]

    @property
    def scratch_bytes(self) -> int:
        """What one of its calls needs at most."""
        needs = (
            sum(-(-found.bytes // 4) * 4 for found in call.arguments if isinstance(found, Scratch))
            for call in self.calls
        )
        return max(needs, default=0)
