"""A row of a paper's table: metaparameters, and what the paper says they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Metaparameter = float | int | str


@dataclass(frozen=True, slots=True)
class Variant:
    """`top1` in percent on ImageNet; `macs` and `params` as the paper rounds them.

    The notes say why a figure is clearly another than what we count.
    """

    metaparameters: Mapping[str, Metaparameter]
    top1: float | None = None
    macs: str | None = None
    params: str | None = None
    macs_note: str = ""
    params_note: str = ""
