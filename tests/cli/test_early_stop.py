from __future__ import annotations

import io

import msgspec
from rich.console import Console
from support import artifacts as made

from edgekit.artifacts import EarlyStop
from edgekit.cli.summaries import validation


def shown(early: EarlyStop) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(*validation(msgspec.structs.replace(made.validation(), early_stop=early)))
    return console.export_text()


def test_the_bound_that_decided_is_said() -> None:
    """Of 600 images the first 128, all answered alike: the interval ends beyond the limit of 5."""
    early = EarlyStop(samples=128, images=600, within=True, error_rate=0.05, bound_points=4.404)
    text = " ".join(shown(early).split())
    assert "the drop is not above the limit, wrong at most 5 times in 100" in text
    assert "by the one-sided bound, at most 4.40 points, which is nearer than the interval" in text
    above = msgspec.structs.replace(early, within=False)
    assert "at least 4.40 points" in " ".join(shown(above).split())
    assert "bound" not in shown(msgspec.structs.replace(early, bound_points=None))
