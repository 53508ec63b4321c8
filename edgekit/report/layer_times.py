"""Where the time goes: a bar for each step, and the shares of each kind of op."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.artifacts import Benchmark, CompiledModel


@dataclass(frozen=True, slots=True)
class LayerBar:
    """One step's share of the time. `percent_of_largest` is the bar's length."""

    index: int
    op: str
    name: str
    shape: str
    macs: int
    cycles: int
    share: float
    percent_of_largest: float


@dataclass(frozen=True, slots=True)
class OpShare:
    """All steps of one op together; `start` and `share` are fractions of the whole."""

    op: str
    steps: int
    cycles: int
    start: float
    share: float


def layer_bars(benchmark: Benchmark, compiled: CompiledModel | None) -> tuple[LayerBar, ...]:
    """The profile's steps in order; empty when no step was counted."""
    counts = [layer.cycles or layer.instructions or 0 for layer in benchmark.layers]
    total, largest = sum(counts), max(counts, default=0)
    if not total:
        return ()
    shapes = {step.index: step.output_shape for step in compiled.steps} if compiled else {}
    return tuple(
        LayerBar(
            index=layer.index,
            op=layer.op,
            name=layer.name,
            shape="×".join(str(extent) for extent in shapes.get(layer.index, ())),
            macs=layer.macs,
            cycles=count,
            share=count / total,
            percent_of_largest=100 * count / largest,
        )
        for layer, count in zip(benchmark.layers, counts, strict=True)
    )


def op_shares(bars: Sequence[LayerBar]) -> tuple[OpShare, ...]:
    """The time by kind of op, the costliest first."""
    ops = {bar.op for bar in bars}
    groups = [(op, [bar for bar in bars if bar.op == op]) for op in ops]
    groups.sort(key=lambda group: (-sum(bar.cycles for bar in group[1]), group[0]))
    shares, start = [], 0.0
    for op, members in groups:
        share = sum(bar.share for bar in members)
        cycles = sum(bar.cycles for bar in members)
        shares.append(OpShare(op, len(members), cycles, start, share))
        start += share
    return tuple(shares)
