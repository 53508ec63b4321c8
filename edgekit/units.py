"""Sizes, times and counts as people write and read them."""

from __future__ import annotations

import re

from edgekit.errors import InputError

_BINARY = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SHORT = {"k": "KiB", "K": "KiB", "M": "MiB", "G": "GiB"}
_SIZE = re.compile(r"\s*(\d+)\s*(B|KiB|MiB|GiB|[kKMG])?\s*")


def parse_size(text: str) -> int:
    """A size in bytes from text such as ``264 KiB`` or ``264k``; a bare number is bytes.

    Raises `InputError` for anything else.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not a size", hint="Write it like 264 KiB or 2 MiB.")
    unit = match[2] or "B"
    return int(match[1]) * _BINARY[_SHORT.get(unit, unit)]


def format_grouped(count: float) -> str:
    """All digits of a whole number, in groups of three: ``7 489 664``."""
    return f"{count:,.0f}".replace(",", " ")


def format_bytes(count: int) -> str:
    """Exact bytes in groups of three, and a rounder unit beside: ``27 648 B (27.0 KiB)``."""
    exact = f"{format_grouped(count)} B"
    if count < 10_000:
        return exact
    unit = "KiB" if count < 1 << 20 else "MiB"
    return f"{exact} ({count / _BINARY[unit]:.1f} {unit})"


def format_count(count: float) -> str:
    """A count in the unit people use for it: ``7.49 M``, ``569 M``, ``1.2 G``."""
    for limit, unit in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(count) >= limit:
            return f"{count / limit if unit != ' k' else count / 1e3:.3g}{unit}"
    return f"{count:.0f}"


def format_duration(seconds: float) -> str:
    """A time span: ``812 µs``, ``94.2 ms``, ``3.41 s``, ``2 min 5 s``."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.1f} ms"
    if seconds < 120:
        return f"{seconds:.2f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
