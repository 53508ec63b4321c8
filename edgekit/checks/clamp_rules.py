"""The rules of ReLU6 in a .tflite file: clamps that waste levels, are computed wrongly, or lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from edgekit.artifacts import Finding
from edgekit.checks.subject import Subject
from edgekit.tflite.clamps import Clamp, ClampState, clamps

Severity = Literal["error", "warning", "info"]


def relu6_range(subject: Subject) -> Iterator[Finding]:
    """The output of a fused RELU6 spans [0, 6], so that no int8 level lies where no value can be.

    A range that ends below 6 wastes nothing; it says that the clamp is never reached.
    """
    for clamp in _quantized(subject):
        if clamp.state is ClampState.WIDE:
            yield _finding(
                "relu6_range",
                "warning",
                clamp,
                f"its int8 range is {clamp.low:.2f} to {clamp.high:.2f}: {clamp.wasted_levels} of "
                "256 levels lie outside [0, 6]",
                "Another op shares its scale; move the ReLU6 behind it, or replace it by a ReLU.",
            )


def relu6_reached(subject: Subject) -> Iterator[Finding]:
    """A RELU6 whose range ends below 6 could be a ReLU: the clamp never acts."""
    narrow = [clamp for clamp in _quantized(subject) if clamp.state is ClampState.NARROW]
    if narrow:
        lowest = min(narrow, key=lambda clamp: clamp.high)
        yield _finding(
            "relu6_reached",
            "info",
            lowest,
            f"{len(narrow)} ReLU6 never reach 6; this one ends at {lowest.high:.2f}. "
            "No level is wasted",
            "",
        )


def relu6_standalone(subject: Subject) -> Iterator[Finding]:
    """No standalone RELU6 rescales: TFLM's kernel ignores its output's quantization."""
    for clamp in _quantized(subject):
        if clamp.harmful:
            yield _finding(
                "relu6_standalone",
                "error" if subject.runtime == "tflm" else "warning",
                clamp,
                "a RELU6 op of its own, with another scale behind it than before it: "
                "TensorFlow Lite Micro computes it wrongly",
                "`edgekit quantize --fix auto` turns it into a RELU, which does the same."
                if clamp.repairable
                else "Put the ReLU6 directly behind a convolution, so that it is fused.",
            )


def _quantized(subject: Subject) -> tuple[Clamp, ...]:
    found = clamps(subject.data, subject.name)
    return tuple(clamp for clamp in found if clamp.state is not ClampState.FLOAT)


def _finding(rule: str, severity: Severity, clamp: Clamp, message: str, hint: str) -> Finding:
    return Finding(rule=rule, severity=severity, where=clamp.where, message=message, hint=hint)
