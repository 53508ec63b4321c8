"""Ranges of activations that clip where this costs the output less than coarse steps do.

Clipping thresholds by mean squared error: Sung et al., "Resiliency of deep neural networks under
quantization", arXiv 1511.06488; here the error is that of the model's output, and lower powers than
the square are tried as well (see `edgekit.quantize.range_search`).
"""

from __future__ import annotations

from itertools import islice

from edgekit.ir import short_name
from edgekit.quantize.conversion import int8_tflite_within
from edgekit.quantize.diagnosis.values import Pair
from edgekit.quantize.range_search import Search
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.quantize.spread import ranges

_IMAGES = 8
_NOTABLE = 0.7
_SHOWN = 3


def _apply(case: Case) -> Repaired:
    pair = Pair(case.float_model, case.int8, case.name)
    seen = case.spreads()
    limits = ranges(seen)
    images = list(islice(iter(case.images), _IMAGES))
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        case.progress("looking for ranges", min(done, len(pair.values)), len(pair.values))

    search = Search(pair, images)
    found = search.ranges(seen, step)
    shares = {name: _width(found[name]) / _width(limits[name]) for name in found if name in limits
              and _width(limits[name]) > 0}  # fmt: skip
    int8 = int8_tflite_within(case.float_model, {**limits, **found})
    if not search.helps(int8):
        return unchanged(case)  # each gain was measured alone; together they may be a loss
    return Repaired(case.float_model, int8, (_did(shares),))


def _width(limits: tuple[float, float]) -> float:
    return limits[1] - limits[0]


def _did(shares: dict[str, float]) -> str:
    narrow = sorted((share, name) for name, share in shares.items() if share < _NOTABLE)
    most = ", ".join(f"{short_name(name)} to {share:.0%}" for share, name in narrow[:_SHOWN])
    told = f"; most narrowed: {most}" if narrow else ""
    return f"ranges: {len(shares)} chosen by the output's error{told}"


REPAIR = Repair("ranges", "clip activations where that costs less than coarse steps", 20, _apply)
