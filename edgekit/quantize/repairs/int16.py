"""The guiltiest activations in int16, for runtimes that have such layers.

TensorFlow Lite Micro and LiteRT do; edgekit's own compiler has not, so this is made only when it is
asked for by name. Tensors are taken in the order of the output's error that each causes by itself,
until they make up most of it.
"""

from __future__ import annotations

from itertools import islice

from edgekit.ir import short_name
from edgekit.quantize.diagnosis.values import Pair
from edgekit.quantize.range_search import errors
from edgekit.quantize.repairs.repair import Case, Repair, Repaired, unchanged
from edgekit.quantize.widening import may_widen, widen
from edgekit.tflite.editing import Editor

_IMAGES = 8
_SHARE = 0.8
_MOST = 12
_SHOWN = 4


def _apply(case: Case) -> Repaired:
    pair = Pair(case.float_model, case.int8, case.name)
    seen = case.spreads()
    by_tensor = errors(pair, list(islice(iter(case.images), _IMAGES)))
    model = Editor(case.int8, case.name)
    guilty = _guiltiest(by_tensor, sum(by_tensor.values()))
    chosen = [name for name in guilty if may_widen(model, model.find(name))]
    if not chosen:
        return unchanged(case)
    widen(model, {model.find(name): seen[name].range for name in chosen})
    told = ", ".join(short_name(name) for name in chosen[:_SHOWN])
    more = f" and {len(chosen) - _SHOWN} more" if len(chosen) > _SHOWN else ""
    return Repaired(case.float_model, model.bytes(), (f"int16: {told}{more}",))


def _guiltiest(by_tensor: dict[str, float], total: float) -> list[str]:
    """Those that cause most of the error, the worst first."""
    found: list[str] = []
    caused = 0.0
    for name, error in sorted(by_tensor.items(), key=lambda item: -item[1]):
        if caused >= _SHARE * total or len(found) == _MOST:
            break
        found.append(name)
        caused += error
    return found


REPAIR = Repair(
    "int16",
    "hold the guiltiest activations in int16 (TensorFlow Lite Micro only)",
    65,
    _apply,
    heavier=True,
    on_request=True,
)
