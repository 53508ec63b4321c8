"""What the kept measurements are held to (goals.toml), and what they say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

sys.path.insert(0, str(Path(__file__).resolve().parent))

import budget_results
import peers
import results

from edgekit.artifacts import Benchmark
from edgekit.units import format_grouped

_HERE = Path(__file__).resolve().parent
VWW = "vww_96_int8"
_OTHERS = ("resnet8_int8", "kws_int8")

Kind = Literal["count", "times", "share"]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, the limit that it is held to, and the best of the peers where one was counted."""

    what: str
    where: str
    kind: Kind
    limit: float
    found: float
    peer: float | None = None

    @property
    def met(self) -> bool:
        """At most the limit; of times, at least."""
        return self.found >= self.limit if self.kind == "times" else self.found <= self.limit

    def cells(self) -> tuple[str, str, str, str, str]:
        """What, where, the limit, the figure, and the peer's."""
        sign = "≥" if self.kind == "times" else "≤"
        peer = "–" if self.peer is None else self._text(self.peer)
        return (
            self.what,
            self.where,
            f"{sign} {self._text(self.limit)}",
            self._text(self.found),
            peer,
        )

    def _text(self, value: float) -> str:
        if self.kind == "times":
            return f"{value:.2f}×"
        if self.kind == "share":
            return f"{value:+.1%}"
        return format_grouped(int(value)) if value >= 100 else f"{value:.2f}"


def goals() -> tuple[Goal, ...]:
    """All of them, from the JSON files beside this one."""
    limits = tomllib.loads((_HERE / "goals.toml").read_text(encoding="utf-8"))
    kept = {
        (one.model, one.core): one
        for one in results.load().values()
        if one.unit == "instructions" and one.is_own
    }
    return (
        *_instructions(limits, kept),
        *_times(limits, kept),
        *_pico(limits),
        *_bytes(limits, kept),
    )


def _instructions(limits: Any, kept: Any) -> Iterator[Goal]:
    for model, cores in limits["instructions"].items():
        for core, limit in cores.items():
            peer = peers.best(core, model)
            yield Goal(
                f"{model}: instructions", results.core_name(core), "count", limit,
                kept[model, core].count, peer.count if peer else None,
            )  # fmt: skip


def _times(limits: Any, kept: Any) -> Iterator[Goal]:
    for model in _OTHERS:
        for core, limit in limits["times_fewer"].items():
            peer = peers.best(core, model)
            assert peer is not None
            times = peer.count / kept[model, core].count
            where = results.core_name(core)
            yield Goal(f"{model}: times fewer than {peer.name}", where, "times", limit, times)


def _pico(limits: Any) -> Iterator[Goal]:
    asked = limits["pico"]
    for board in ("pico", "pico2"):
        both, one = (_benchmark(board, cores) for cores in ("both", "one"))
        if board == "pico":
            assert one.macs is not None
            per_mac = _count(one) / one.macs
            yield Goal(f"{VWW}: cycles per MAC", board, "count", asked["cycles_per_mac"], per_mac)
        times = _count(one) / _count(both)
        yield Goal(
            f"{VWW}: times as fast on both cores", board, "times", asked["both_cores"], times
        )


def _bytes(limits: Any, kept: Any) -> Iterator[Goal]:
    asked, peer = limits["bytes"], peers.facts()
    ram, flash = (
        min(of[VWW] for of in peer[name].values()) for name in ("ram_bytes", "flash_bytes")
    )
    for one in budget_results.load():
        if one.model != VWW:
            continue
        if one.board in asked["ram_boards"]:
            yield Goal(f"{VWW}: RAM, B", one.board, "count", asked["ram"], one.free.ram_bytes, ram)
        limited, cost = one.limited.ram_bytes, one.cost
        yield Goal(
            f"{VWW}: RAM with --ram 40k, B", one.board, "count", asked["ram_limited"], limited
        )
        yield Goal(f"{VWW}: what --ram 40k costs", one.board, "share", asked["limit_costs"], cost)
    m4 = kept[VWW, "cortex-m4"]
    yield Goal(
        f"{VWW}: flash, B",
        results.core_name(m4.core),
        "count",
        asked["flash"],
        m4.flash_bytes,
        flash,
    )


def _benchmark(board: str, cores: str) -> Benchmark:
    found = msgspec.json.decode((_HERE / f"{board}.json").read_bytes())
    return msgspec.convert(found[VWW][cores], Benchmark)


def _count(found: Benchmark) -> int:
    count = found.cycles_per_inference or found.instructions_per_inference
    assert count is not None
    return count
