"""Why a layer loses what it loses, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgekit.artifacts import Cause
from edgekit.quantize.diagnosis.probing import Probe
from edgekit.quantize.diagnosis.tallies import Tally, decibels
from edgekit.quantize.diagnosis.values import INPUT

GUILTY_SHARE = 0.02
"""A layer that causes less of the output's error needs no cause."""
CLIPPED_POWER = 0.5
"""The range is too narrow when clipping makes more of the value's own error than this."""
WASTED_LEVELS = 128
"""The range is too wide when fewer of the 256 levels are ever taken."""
UNEVEN_RATIO = 6.0
"""Channels are uneven when the widest has more than this times the median one's range."""
TAIL_LEVELS = 64
"""Few large values set the range when the middle 99.8 % of all share fewer levels."""
SHIFTED_POWER = 0.3
"""Rounding the weights moved the means when these are more of the error that it makes."""

REMEDIES: Mapping[Cause, tuple[str, ...]] = {
    "none": (),
    "input_scale": (),
    "clipped_range": ("ranges",),
    "wasted_range": ("ranges", "equalization"),
    "uneven_channels": ("equalization", "int16"),
    "long_tail": ("ranges", "int16"),
    "weight_bias": ("bias", "rounding"),
    "weight_rounding": ("rounding",),
    "activation_steps": ("int16",),
}
"""Names for `edgekit quantize --fix` against each cause, the cheapest first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one value: figures of both models, and what it does alone."""

    tally: Tally
    probe: Probe
    share: float

    @property
    def by_weights(self) -> bool:
        """Whether the layer's weights do more than the rounding of its result."""
        return self.probe.by_weights > self.probe.by_activation


def cause(found: Evidence) -> Cause:
    """The first of the causes that the evidence shows."""
    if found.share < GUILTY_SHARE:
        return "none"
    return _of_weights(found.probe) if found.by_weights else _of_activation(found)


def _of_weights(probe: Probe) -> Cause:
    moved = probe.weights_shift > SHIFTED_POWER * probe.weights
    return "weight_bias" if moved else "weight_rounding"


def _of_activation(found: Evidence) -> Cause:
    tally, probe = found.tally, found.probe
    clipped = probe.clipping > CLIPPED_POWER * probe.rounding
    wasted = tally.levels_used < WASTED_LEVELS
    if tally.value.op_index == INPUT and (clipped or wasted):
        return "input_scale"
    if clipped:
        return "clipped_range"
    if wasted:
        return "wasted_range"
    if tally.range_ratio > UNEVEN_RATIO:
        return "uneven_channels"
    return "long_tail" if tally.central_levels < TAIL_LEVELS else "activation_steps"


def explanation(kind: Cause, found: Evidence) -> str:
    """The cause in one sentence, with this layer's numbers."""
    return _WORDS[kind](found)


def _clipped(found: Evidence) -> str:
    low, high = found.tally.value.range
    return (
        f"its int8 range {low:.3g} to {high:.3g} cuts off "
        f"{100 * found.tally.clipped_fraction:.2g} % of its values, "
        f"which reach from {_ends(found)}"
    )


def _ends(found: Evidence) -> str:
    low, high = found.tally.float_range
    return f"{low:.3g} to {high:.3g}"


def _wasted(found: Evidence) -> str:
    low, high = found.tally.value.range
    return (
        f"its int8 range {low:.3g} to {high:.3g} is wider than its values, {_ends(found)}: "
        f"{found.tally.levels_used} of 256 levels are used"
    )


def _uneven(found: Evidence) -> str:
    return (
        f"its widest channel has {found.tally.range_ratio:.0f} times the median channel's range, "
        f"so that most channels have {256 / found.tally.range_ratio:.0f} levels or fewer"
    )


def _tail(found: Evidence) -> str:
    return (
        f"a few large values set its range, {_ends(found)}: 99.8 % of the values share "
        f"{found.tally.central_levels} of 256 levels"
    )


def _bias(found: Evidence) -> str:
    probe = found.probe
    return (
        f"rounding its weights moves the means of its channels: "
        f"{100 * probe.weights_shift / probe.weights:.0f} % of what it does to them "
        f"({decibels(probe.signal, probe.weights):.0f} dB)"
    )


def _rounding(found: Evidence) -> str:
    probe = found.probe
    return (
        f"rounding its weights changes its values ({decibels(probe.signal, probe.weights):.0f} dB) "
        "without a shift that a bias could undo"
    )


def _steps(found: Evidence) -> str:
    probe = found.probe
    return (
        f"the layers after it need its values finer than 256 levels give them "
        f"({decibels(probe.signal, probe.rounding):.0f} dB)"
    )


def _little(found: Evidence) -> str:
    return f"causes {100 * found.share:.1g} % of the output's error"


def _input(found: Evidence) -> str:
    return f"{_clipped(found) if found.probe.clipping else _wasted(found)}: look at --preprocess"


_WORDS: Mapping[Cause, Callable[[Evidence], str]] = {
    "none": _little,
    "input_scale": _input,
    "clipped_range": _clipped,
    "wasted_range": _wasted,
    "uneven_channels": _uneven,
    "long_tail": _tail,
    "weight_bias": _bias,
    "weight_rounding": _rounding,
    "activation_steps": _steps,
}
