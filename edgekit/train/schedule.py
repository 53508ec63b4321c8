"""The learning rate over a training: a short rise, then half a cosine down to nothing."""

from __future__ import annotations

import math

_RISE = 0.03


def learning_rate(step: int, steps: int, peak: float) -> float:
    """The rate of step `step` of `steps`, counted from 0 (Loshchilov and Hutter 2016)."""
    rising = max(1, round(_RISE * steps))
    if step < rising:
        return peak * (step + 1) / rising
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rising + 1) / (steps - rising + 1)))
