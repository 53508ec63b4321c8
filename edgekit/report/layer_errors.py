"""The geometry of the diagnosis's picture: SQNR along the depth, and what each layer causes."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.artifacts import Diagnosis, LayerDiagnosis

MARKED = 8
"""At most so many guilty layers are marked and listed at once."""

_WIDTH, _LINE_HEIGHT, _BARS_HEIGHT, _GAP = 940.0, 150.0, 110.0, 26.0
_LEFT, _TOP = 44.0, 8.0
_MOST_DB = 60.0  # above it, nothing is to be seen


@dataclass(frozen=True, slots=True)
class Column:
    """One layer: the middle of its column, its point on the line, its two bars from below."""

    layer: LayerDiagnosis
    x: float
    y: float
    weights_height: float
    values_height: float
    mark: int | None
    """Its number in the list of the guilty; None for the innocent."""


@dataclass(frozen=True, slots=True)
class LayerErrors:
    """The whole picture, in its own units; bars stand on `floor_y`."""

    width: float
    height: float
    left: float
    columns: tuple[Column, ...]
    line: str
    floor_y: float
    bar_width: float
    db_ticks: tuple[tuple[float, int], ...]
    share_ticks: tuple[tuple[float, float], ...]
    guilty: tuple[LayerDiagnosis, ...]


def guilty(found: Diagnosis) -> tuple[LayerDiagnosis, ...]:
    """The layers that have a cause, those with most of the output's error first."""
    return tuple(layer for layer in found.ranked if layer.cause != "none")[:MARKED]


def layer_errors(found: Diagnosis) -> LayerErrors | None:
    """The picture of a diagnosis; None when it has no layers."""
    if not found.layers:
        return None
    named = guilty(found)
    highest = max(layer.share for layer in found.layers) or 1.0
    pitch = (_WIDTH - _LEFT) / len(found.layers)
    floor_y = _TOP + _LINE_HEIGHT + _GAP + _BARS_HEIGHT
    columns = tuple(
        Column(
            layer=layer,
            x=_LEFT + (number + 0.5) * pitch,
            y=_height(layer.sqnr_db),
            weights_height=_BARS_HEIGHT * layer.weight_error / highest,
            values_height=_BARS_HEIGHT * layer.activation_error / highest,
            mark=named.index(layer) + 1 if layer in named else None,
        )
        for number, layer in enumerate(found.layers)
    )
    return LayerErrors(
        width=_WIDTH,
        height=floor_y + 20,
        left=_LEFT,
        columns=columns,
        line=" ".join(f"{column.x:.1f},{column.y:.1f}" for column in columns),
        floor_y=floor_y,
        bar_width=min(26.0, 0.72 * pitch),
        db_ticks=tuple((_height(db), db) for db in (0, 20, 40, 60)),
        share_ticks=tuple((floor_y - _BARS_HEIGHT * part, part * highest) for part in (0.5, 1.0)),
        guilty=named,
    )


def _height(sqnr_db: float) -> float:
    shown = min(max(sqnr_db, 0.0), _MOST_DB)
    return _TOP + _LINE_HEIGHT * (1 - shown / _MOST_DB)
