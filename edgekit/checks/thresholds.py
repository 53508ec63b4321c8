"""The numbers that decide a verdict: each with its meaning, and free to be set otherwise."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edgekit.errors import InputError


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a threshold means, and between which values it can lie."""

    meaning: str
    least: float
    most: float


def _threshold(default: float, meaning: str, *, least: float = 0.0, most: float = 1.0) -> Any:
    return dataclasses.field(default=default, metadata={"bounds": Bounds(meaning, least, most)})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All thresholds of `edgekit check`; shares are 0 to 1."""

    input_cut: float = _threshold(
        0.1, "input_scaling: this share of the input's range cut off is an error"
    )
    input_used: float = _threshold(
        0.5, "input_scaling: fewer of the input's int8 levels in use is a warning"
    )
    agreement_error: float = _threshold(
        0.6, "agreement: int8 and float saying the same class on fewer images is an error"
    )
    agreement_warning: float = _threshold(0.9, "agreement: on fewer images, a warning")
    stuck_share: float = _threshold(
        0.95, "stuck: one class said to more images, where float does not, is an error"
    )
    output_sqnr_error: float = _threshold(
        3.0, "output_error: an output whose SQNR is lower (dB) is an error", least=-100, most=200
    )
    output_sqnr_warning: float = _threshold(
        15.0, "output_error: lower than this (dB), a warning", least=-100, most=200
    )
    layer_share: float = _threshold(
        0.1,
        "layer_error: a layer that causes more of the output's error is a warning, "
        "where the output's SQNR warrants one",
    )
    range_ratio_warning: float = _threshold(
        6.0,
        "channel_ranges: a larger median over layers of the widest channel's range over the "
        "median one's is a warning",
        least=1,
        most=1e6,
    )
    range_ratio_error: float = _threshold(
        15.0,
        "channel_ranges: larger than this, an error where the output's SQNR warrants a warning",
        least=1,
        most=1e6,
    )
    clipped: float = _threshold(
        0.01, "clipping: more of a layer's values beyond its int8 range is a warning"
    )
    dead_channels: float = _threshold(
        0.25, "dead_channels: more of a layer's channels never changing is an info"
    )

    def with_settings(self, settings: Sequence[str]) -> Thresholds:
        """These, but for settings such as ``agreement_warning=0.95``.

        Raises `InputError` with everything that is wrong with them.
        """
        changes: dict[str, float] = {}
        problems = []
        for setting in settings:
            name, _, value = setting.partition("=")
            problem = _problem(name, value)
            if problem:
                problems.append(problem)
            else:
                changes[name] = float(value)
        found = dataclasses.replace(self, **changes)
        problems += found._looser_warnings(changes)
        if problems:
            raise InputError(
                "\n  ".join(["--threshold:", *problems]) if len(problems) > 1 else problems[0],
                hint="Write NAME=VALUE; docs/checks.md lists the names and what they mean.",
            )
        return found

    def _looser_warnings(self, changed: Collection[str]) -> Iterator[str]:
        """What is wrong with warnings that were set, but only come where an error does."""
        for what, worse_below in _PAIRS.items():
            warning, error = f"{what}_warning", f"{what}_error"
            least, most = (error, warning) if worse_below else (warning, error)
            if warning in changed and getattr(self, least) > getattr(self, most):
                yield (
                    f"{warning}={getattr(self, warning):g} can never warn: "
                    f"{error}={getattr(self, error):g} fails first"
                )

    def as_dict(self) -> dict[str, float]:
        """Every threshold by name."""
        return dataclasses.asdict(self)


BOUNDS: dict[str, Bounds] = {
    field.name: field.metadata["bounds"] for field in dataclasses.fields(Thresholds)
}
"""What each threshold means, by name, in the order of the rules."""


_PAIRS = {"agreement": True, "output_sqnr": True, "range_ratio": False}
"""What has a threshold for a warning and one for an error, and whether less is worse."""


def _problem(name: str, value: str) -> str:
    """What is wrong with one setting; empty when nothing is."""
    if name not in BOUNDS:
        near = difflib.get_close_matches(name, BOUNDS, n=1)
        return f"there is no threshold {name!r}" + (f"; did you mean {near[0]}?" if near else "")
    bounds = BOUNDS[name]
    try:
        number = float(value)
    except ValueError:
        return f"{name}={value}: {value!r} is not a number"
    if not math.isfinite(number) or not bounds.least <= number <= bounds.most:
        return f"{name}={value}: wanted {bounds.least:g} to {bounds.most:g}"
    return ""
