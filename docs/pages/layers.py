"""Each core layer by layer, and how far from its limit: from benchmarks/results.json."""

from __future__ import annotations

import sys
from itertools import zip_longest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import msgspec
import results

from edgekit.artifacts import Benchmark
from edgekit.units import format_count, format_grouped

_PICO = Path(__file__).resolve().parents[2] / "benchmarks" / "pico.json"
_MODELS = {
    "vww_96_int8": "visual wake words: MobileNetV1 0.25, 96×96×3",
    "resnet8_int8": "image classification: ResNet-8, 32×32×3",
    "kws_int8": "keyword spotting: DS-CNN, 49×10×1",
}
_LIMITS = {
    "cortex-m0plus": (1.0, "one `MULS` and one `ADDS` for two", "2.9 or 3.6"),
    "cortex-m3": (0.5, "one `MLA` for two", "1.6 or 2.1"),
    "cortex-m4": (0.5, "one `SMLAD` for two", "0.72"),
    "cortex-m7": (0.5, "one `SMLAD` for two", "0.72"),
    "cortex-m33": (0.5, "one `SMLAD` for two", "0.72"),
    "cortex-m55": (0.0625, "one `VMLADAVA` for sixteen", "0.14"),
}
"""Of a core: instructions per multiply-accumulate at best, why, and those of our inner loop."""
_HEAD = """# Layers, and the limits of cores

What a multiply-accumulate costs in each layer, **emulated**: cycles of one core of the Pico,
instructions of the others. Compilers: [performance.md](performance.md) for the Pico, the first of
each core in [benchmarks.md](benchmarks.md). MACs are those that are left where channels that meet
only weights of 0 are left out; Cortex-M0+ and M3 leave out fewer, as their kernels take channels by
fours.
"""
_WHERE = """
- *Cortex-M0+.* Sixteen multiply-accumulates of four output channels: 8 `MULS`, 6 `ADDS`; 12 cycles
  load weights, 8 load and extend activations, 10 split the halves of words, 3 loop: 47 cycles where
  four products fit between splits, 57 where two do. Real weights decide, and a block of four
  channels takes the shorter run for all of its weights: 90 % of the work of visual wake words, all
  of the other two models'. Of that, 68, 89 and 71 % of the fours of inputs would allow the longer
  run by themselves: a sweep that changes its run on the way is what is left to gain most by.
- *Cortex-M3.* The same with `MLA`, and `LDM` of four words as one instruction: 26 or 34 for
  sixteen. Depthwise layers run portable C.
- *Cortex-M4, M7, M33.* Sixteen: 8 `SMLAD`, 2 `LDM` of weights, 1 `LDRD` of inputs; 2 more for a
  loop over 64. The rest is widening windows, once for all channels, and requantizing outputs, which
  is most where windows are small. Depthwise: two outputs share what is loaded and widened.
- *Fully connected.* Each weight is met once, so unpacking counts. Cortex-M4, M7, M33, sixteen: 8
  `SMLAD`, 4 `SXTB16`, 2 loads: two outputs' weights for an input are one int16, and one of the two
  sums is told from both. Cortex-M0+, sixteen: 8 `MULS`, 8 `ADDS`, 4 shifts, 4 masks, 8 loads, 8 to
  split the halves, 1 to loop. Weights that would not fit are cut, and the rest is added by itself.
- *Cortex-M55.* 64: one load of inputs, then a load and a `VMLADAVA` for each of four channels. The
  rows of a window are copied together where that takes fewer instructions, and borders always.
  Depthwise layers multiply sixteen channels by two instructions, and take more to widen and add up
  the products.
  Fully connected layers have eight outputs to a load of inputs: no more registers take sums.
"""
_TRIED = """
## Tried, and left

- Cortex-M0+, more than four products between splits: hardly any block's weights allow it.
- Cortex-M0+, two pixels in a word instead of two weights: as many multiplications, and packing
  costs more.
- Cortex-M0+, two lanes in depthwise layers: nine cells need three or four splits, which eat the
  gain.
- Cortex-M0+, four lanes for groups of two channels: 33 cycles per MAC, where the portable kernel's
  two lanes take 12. Such groups stay portable.
- Cortex-M4 and M55, channels that are nobody's kept up to a multiple of four: 2 and 8 % more
  instructions for visual wake words. On Cortex-M0+ it is 1.3 % less, and done.
- Cortex-M3, depthwise layers through a plane of words: 5.6 to 6 instructions per MAC; portable C
  5.2.
- Fully connected layers on Cortex-M0+ and M3, weights unpacked to memory as for convolutions: 4.4
  and 9 instructions per MAC; unpacked in registers, where each is met once, 2.8 and 1.9 in a layer
  from 256 to 64.
- Cortex-M3, fewer than five outputs by words of two weights: laying out the inputs costs more than
  it gains. They stay portable.
- DSP cores with clang, output addresses worked out for each row instead of one that runs on: 9 %
  more in depthwise layers.
"""


def text() -> str:
    """The page."""
    picos = _on_one_core()
    has_cycles = {one.core for one in picos}
    kept = [one for one in results.load().values() if one.core not in has_cycles]
    own = [one for one in kept if one.is_own] + picos
    sections = [_layers(model, own) for model in _MODELS]
    return "\n".join([_HEAD, *sections, _limits(own), _WHERE, _TRIED])


def _on_one_core() -> list[results.Result]:
    """The Pico's, which have cycles."""
    kept = msgspec.json.decode(_PICO.read_bytes(), type=dict[str, dict[str, Benchmark]])
    return [results.result(model, found["one"]) for model, found in kept.items()]


def _cores(own: list[results.Result], model: str) -> list[results.Result]:
    found = [one for one in own if one.model == model]
    return sorted(found, key=lambda one: results.core_order(one.core))


def _layers(model: str, own: list[results.Result]) -> str:
    found = _cores(own, model)
    names = " | ".join(results.core_name(one.core) for one in found)
    rows = [
        f"| {number} | {layers[-1].op} | {format_count(layers[-1].macs)} | "
        + " | ".join(_cell(layer) for layer in layers)
        + " |"
        for number, layers in enumerate(zip_longest(*(one.layers for one in found)))
    ]
    head = [f"| # | op | MACs | {names} |", "|---" * (3 + len(found)) + "|"]
    return "\n".join([f"## {_MODELS[model]}", "", *head, *rows, ""])


def _cell(layer: results.Layer) -> str:
    return f"{layer.count / layer.macs:.2f}" if layer.macs else f"({format_grouped(layer.count)})"


def _limits(own: list[results.Result]) -> str:
    rows = []
    for core, (best, why, loop) in _LIMITS.items():
        cells = [_of_limit(own, core, model, best) for model in _MODELS]
        rows.append(
            f"| {results.core_name(core)} | {best:g}: {why} | {loop} | {' | '.join(cells)} |"
        )
    head = "| core | at best | inner loop | " + " | ".join(_MODELS) + " |"
    return "\n".join(
        ["## How far from the limit", "",
         "Convolutions, per multiply-accumulate that is left; in brackets, times the best.", "",
         head, "|---" * (3 + len(_MODELS)) + "|", *rows]
    )  # fmt: skip


def _of_limit(own: list[results.Result], core: str, model: str, best: float) -> str:
    layers = [
        layer
        for one in own
        if (one.core, one.model) == (core, model)
        for layer in one.layers
        if layer.op == "CONV_2D"
    ]
    if not layers:
        return "–"
    each = sum(layer.count for layer in layers) / sum(layer.macs for layer in layers)
    return f"{each:.2f} ({each / best:.1f}×)"
