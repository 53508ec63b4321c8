"""The C of a step that runs several operations row by row: a window and a function per tensor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edgekit.ops import Argument, Constant, KernelCall, Scratch, TensorPointer
from edgekit.planner.rolling import Rolling
from edgekit.planner.steps import ScheduledStep
from edgekit.planner.streams import Member, Stream

Symbol = Callable[[int, int], str]
"""The C name of working memory, by step and order."""


class RolledText:
    """What the template needs for one such step; `names` are the C names of whole tensors."""

    def __init__(
        self, step: ScheduledStep, names: Mapping[int, str], scratch: Symbol, lines: Any
    ) -> None:
        assert step.rolling is not None
        self._step, self._rolling = step, step.rolling
        self._names, self._lines = names, lines
        rolling: Rolling = step.rolling
        orders = {stream.tensor: order for order, stream in enumerate(rolling.windows)}
        self._memory = {number: scratch(step.index, order) for number, order in orders.items()}
        self._memory[rolling.output] = names[rolling.output]
        self._shared = scratch(step.index, len(orders))

    def context(self) -> dict[str, Any]:
        """Windows, then a function per tensor that is copied in or made."""
        streams = [self._rolling.streams[number] for number in self._memory]
        made = {member.output for member in self._rolling.members}
        copies = [self._copy(found) for found in streams if found.tensor not in made]
        return {
            "windows": [self._window(found) for found in streams],
            "functions": [*copies, *(self._make(found) for found in self._rolling.members)],
            "last": self._function(self._rolling.output),
            "height": self._rolling.streams[self._rolling.output].height,
        }

    def _window(self, stream: Stream) -> dict[str, Any]:
        return {
            "name": self._symbol(stream.tensor),
            "memory": self._memory[stream.tensor],
            "capacity": stream.capacity,
            "row_bytes": stream.row_bytes,
            "height": stream.height,
            "before": stream.before,
            "outside": stream.outside,
        }

    def _copy(self, stream: Stream) -> dict[str, Any]:
        return {
            "name": self._function(stream.tensor),
            "window": self._symbol(stream.tensor),
            "keep": self._keep(stream.tensor),
            "source": self._names[stream.tensor],
            "calls": (),
        }

    def _make(self, member: Member) -> dict[str, Any]:
        stream, rows = self._rolling.streams[member.output], member.rows
        ahead = (member.band - 1) * rows.stride - rows.before + rows.reach
        return {
            "name": self._function(member.output),
            "op": member.operation.op,
            "window": self._symbol(member.output),
            "keep": self._keep(member.output),
            "source": None,
            "band": member.band,
            "height": stream.height if stream.after else None,
            "needs": [
                {"function": self._function(number), "end": _line("y", rows.stride, ahead)}
                for number in member.images
                if not self._is_direct(number)
            ],
            "calls": [self._call(member, call) for call in member.calls],
        }

    def _call(self, member: Member, call: KernelCall) -> dict[str, Any]:
        taken = 0
        texts = []
        for argument in call.arguments:
            texts.append(self._argument(member, argument, taken))
            if isinstance(argument, Scratch):
                taken += -(-argument.bytes // 4) * 4
        share = f"{self._function(member.output)}_share_{member.calls.index(call)}"
        return {
            "kernel": call.function,
            "parameters": self._lines(call),
            "arguments": ", ".join(texts),
            "share": share if call.shares > 1 else None,
            "pointers": texts,
        }

    def _argument(self, member: Member, argument: Argument, taken: int) -> str:
        if isinstance(argument, TensorPointer):
            return self._rows(member, argument.tensor)
        if isinstance(argument, Constant):
            order = self._rolling.members.index(member)
            return f"s{self._step.index}_{order}_{argument.role}"
        if argument is None:
            return "0"
        return f"{self._shared} + {taken}" if taken else self._shared

    def _rows(self, member: Member, number: int) -> str:
        """Where the rows of a tensor begin that a call reads or writes."""
        if number == member.output:
            return "out"
        first = _line("y", member.rows.stride, -member.rows.before)
        if self._is_direct(number):
            row_bytes = self._rolling.streams[number].row_bytes
            return f"{self._names[number]} + ({first}) * {row_bytes}"
        symbol = self._symbol(number)
        return f"ek_rows_at(&{symbol}_size, &{symbol}, {first})"

    def _is_direct(self, number: int) -> bool:
        return number not in self._memory

    def _keep(self, number: int) -> str:
        """The first row that a reader still wants."""
        wanted = [
            _line(f"{self._symbol(member.output)}.end", member.rows.stride, -member.rows.before)
            for member in self._rolling.members
            if number in member.images
        ]
        text = wanted.pop() if wanted else "0"
        while wanted:
            text = f"ek_rows_first({wanted.pop()}, {text})"
        return text

    def _symbol(self, number: int) -> str:
        return f"s{self._step.index}_rows_{self._order(number)}"

    def _function(self, number: int) -> str:
        return f"s{self._step.index}_make_{self._order(number)}"

    def _order(self, number: int) -> int:
        return list(self._rolling.streams).index(number)


def _line(variable: str, slope: int, start: int) -> str:
    """``y * 2 - 1``"""
    text = variable if slope == 1 else f"{variable} * {slope}"
    return text if start == 0 else f"{text} {'-' if start < 0 else '+'} {abs(start)}"
