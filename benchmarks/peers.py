"""What other runtimes need, from peers.toml."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = Path(__file__).with_name("peers.toml")
_NAMES = {"cmsis_nn": "CMSIS-NN", "tinyengine": "TinyEngine"}


@dataclass(frozen=True, slots=True)
class Peer:
    """Another runtime, and its instructions for one inference."""

    name: str
    count: int


def of(core: str, model: str) -> tuple[Peer, ...]:
    """Those that were counted on a core for a model."""
    runtimes = facts()["instructions"].get(core, {})
    return tuple(
        Peer(_NAMES[name], counts[model]) for name, counts in runtimes.items() if model in counts
    )


def best(core: str, model: str) -> Peer | None:
    """The one with the fewest instructions; None where none was counted."""
    return min(of(core, model), key=lambda peer: peer.count, default=None)


@cache
def facts() -> dict[str, Any]:
    """The file."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
