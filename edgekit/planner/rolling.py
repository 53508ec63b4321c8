"""Operations that run together, a few rows at a time, so that no tensor between them is whole.

Each tensor between them has a window: a few of its rows, which move down the image. Before an
operation makes its next rows, the ones above it make those that it still lacks; so each row is made
once, and nothing is computed twice. Rows around the image are written into the windows as
padding, so that kernels see bands that hold all that they need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from edgekit.ir import Operation
from edgekit.ops import Constant, Scratch
from edgekit.planner.streams import Member, Stream


@dataclass(frozen=True, slots=True, eq=False)
class Rolling:
    """Operations that run as one step. The last of them makes `output`, which is whole."""

    members: tuple[Member, ...]
    streams: Mapping[int, Stream]
    inputs: tuple[int, ...]
    on_top_of: tuple[int, ...]
    """Inputs that the output may overwrite: their rows are gone before its rows come."""
    moved_bytes: int
    """What is copied into windows, and within them, per inference."""
    calls: int
    """Kernel calls per inference."""

    @property
    def output(self) -> int:
        """The tensor that leaves it."""
        return self.members[-1].output

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those of its members."""
        return tuple(member.operation for member in self.members)

    @property
    def windows(self) -> tuple[Stream, ...]:
        """The streams that have one."""
        return tuple(found for found in self.streams.values() if not found.whole)

    @property
    def scratch(self) -> tuple[Scratch, ...]:
        """A piece of memory per window, then one that the members' kernels share."""
        windows = (Scratch(found.bytes) for found in self.windows)
        shared = max(member.scratch_bytes for member in self.members)
        return (*windows, Scratch(shared)) if shared else tuple(windows)

    @property
    def constants(self) -> Iterator[Constant]:
        """Those of all members, with the member's number before their role."""
        for order, member in enumerate(self.members):
            for call in member.calls:
                for found in call.arguments:
                    if isinstance(found, Constant):
                        yield replace(found, role=f"{order}_{found.role}")
