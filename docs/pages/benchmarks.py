"""Every core beside other runtimes: from benchmarks/*.json, goals.toml and peers.toml."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import goals
import peers
import results

from edgekit.units import format_count, format_grouped

_MODELS = {
    "vww_96_int8": "visual wake words: MobileNetV1 0.25, 96×96×3",
    "resnet8_int8": "image classification: ResNet-8, 32×32×3",
    "kws_int8": "keyword spotting: DS-CNN, 49×10×1",
    "odd_kernels": "5×3, 5×5 and 7×7 kernels, odd channel counts (drawn weights)",
    "grouped": "grouped convolutions (drawn weights)",
    "dense": "fully connected layers (drawn weights)",
}
_HEAD = """# Benchmarks

One inference on each core, **emulated**: instructions, exactly counted by QEMU; neither cycles nor
time. Those of the Cortex-M0+ are its code's for one core of a Pico, run as the peers' was on QEMU's
Cortex-M3, and the sum of its steps; the others are of whole inferences, with the little that the
firmware does between steps. The Pico's cycles are in [performance.md](performance.md). The first
three models are MLPerf Tiny's; the others have shapes that no benchmark has. *per MAC* divides by
the model's multiply-accumulates, also those of channels that the compiler leaves out because they
meet only weights of zero: half of the first model's work, which peers do. RAM is data + bss with
the arena and the input, flash the whole image with model and protocol server.

`python benchmarks/everything.py MODEL.tflite …` measures all again, `measure.py` this page's
instructions. What the peers need was counted by us on the same files;
[peers.toml](../benchmarks/peers.toml) says how. Layer by layer, and how far each core is from what
it could do: [layers.md](layers.md).
"""
_BY_OP = """Each core with its own compiler. These are of another run, which reads a counter after
each step: that costs 34 to 75 instructions a step, so sums exceed the totals above by so much.
Totals of the Cortex-M0+ are sums themselves."""

_GOALS = """What edgekit is held to ([goals.toml](../benchmarks/goals.toml)), of MLPerf
Tiny's models; tests fail where one is missed. Each core's own compiler, but for the two Picos'
cycles per MAC and cores, which are zig's; `--ram 40k` is measured beside the same build without it,
on every core that a board has."""


def text() -> str:
    """The page."""
    kept = [one for one in results.load().values() if one.unit == "instructions"]
    sections = [_section(model, kept) for model in _MODELS]
    return "\n".join(
        [_HEAD, _goals(), *sections, _classes(kept), _per_layer(kept), _provenance(kept)]
    )


def _goals() -> str:
    rows = [
        f"| {' | '.join(goal.cells())} | {'yes' if goal.met else 'no'} |" for goal in goals.goals()
    ]
    head = "| what | where | goal | edgekit | best peer | met |"
    return "\n".join(["## Goals", "", _GOALS, "", head, "|---" * 6 + "|", *rows, ""])


def readme() -> str:
    """The README's table: each core's own compiler, and the best peer."""
    kept = [one for one in results.load().values() if one.unit == "instructions"]
    found = {(one.model, one.core): one for one in kept if one.is_own}
    shown = sorted({one.core for one in kept}, key=results.core_order)
    head = "| one inference, instructions | " + " | ".join(map(results.core_name, shown)) + " |"
    rows = [
        f"| {_MODELS[model]} | "
        + " | ".join(_cell(found.get((model, core))) for core in shown)
        + " |"
        for model in _MODELS
    ]
    return "\n".join(
        [
            head,
            "|---" * (len(shown) + 1) + "|",
            *rows,
            "",
            "Emulated in QEMU, one core of each (the Cortex-M0+'s code on its Cortex-M3, layers"
            f" only), compiled by {_compilers(found.values())}; in brackets how many times fewer"
            " than the best of CMSIS-NN and TinyEngine needs for the same file."
            " [All figures](docs/benchmarks.md).",
        ]
    )


def _compilers(own: Iterable[results.Result]) -> str:
    """Each compiler with its cores, the most frequent one without."""
    cores: dict[str, list[str]] = {}
    known = {one.core: one.compiler for one in own}
    for core in sorted(known, key=results.core_order):
        cores.setdefault(known[core], []).append(results.core_name(core))
    usual, *others = sorted(cores, key=lambda compiler: -len(cores[compiler]))
    return ", ".join(
        [usual, *(f"for {' and '.join(cores[compiler])} by {compiler}" for compiler in others)]
    )


def _cell(one: results.Result | None) -> str:
    if one is None:
        return "–"
    peer = peers.best(one.core, one.model)
    times = f" ({peer.count / one.count:.1f}×)" if peer else ""
    return f"{one.count / 1e6:.2f} M{times}"


def _section(model: str, kept: Iterable[results.Result]) -> str:
    found = sorted((one for one in kept if one.model == model), key=_order)
    if not found:
        return ""
    rows = [
        f"| {results.core_name(one.core)} | {one.compiler} | {format_grouped(one.count)} |"
        f" {one.count / one.macs:.2f} | {_peers(one)} | {format_grouped(one.ram_bytes)} |"
        f" {one.stack_bytes} | {format_grouped(one.flash_bytes)} |"
        for one in found
    ]
    head = "| core | compiler | instructions | per MAC | peers | RAM, B | stack, B | flash, B |"
    macs = format_count(found[0].macs)
    return "\n".join(
        [f"## {_MODELS[model]}", "", f"{macs} MACs.", "", head, "|---" * 8 + "|", *rows, ""]
    )


def _peers(one: results.Result) -> str:
    return "; ".join(
        f"{peer.name} {format_grouped(peer.count)}: {peer.count / one.count:.2f}×"
        for peer in peers.of(one.core, one.model)
    ) or "–"  # fmt: skip


def _classes(kept: Iterable[results.Result]) -> str:
    """The first model's kinds of layers on the Cortex-M4, instructions per MAC of the model."""
    found = [o for o in kept if (o.model, o.core) == ("vww_96_int8", "cortex-m4") and o.is_own]
    if not found:
        return ""
    layers = found[0].layers
    ours = {
        "first_convolution": layers[0].count,
        "depthwise": sum(one.count for one in layers if one.op == "DEPTHWISE_CONV_2D"),
        "pointwise": sum(one.count for one in layers[1:] if one.op == "CONV_2D"),
    }
    rows = [
        f"| {name.replace('_', ' ')} | {format_count(facts['macs'])} | "
        + " | ".join(
            f"{count / facts['macs']:.2f}"
            for count in (ours[name], facts["cmsis_nn"], facts["tinyengine"])
        )
        + " |"
        for name, facts in peers.facts()["classes"].items()
    ]
    return "\n".join(
        [
            "## Where the instructions go: visual wake words on the Cortex-M4",
            "",
            "Instructions per multiply-accumulate of the model.",
            "",
            "| layers | MACs | edgekit | CMSIS-NN | TinyEngine |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _per_layer(kept: Iterable[results.Result]) -> str:
    """Instructions per MAC that is left, by op, for each core's own compiler."""
    own = sorted((one for one in kept if one.is_own), key=lambda one: (one.model, _order(one)))
    rows = []
    for one in own:
        for op in dict.fromkeys(layer.op for layer in one.layers):
            macs = sum(layer.macs for layer in one.layers if layer.op == op)
            count = sum(layer.count for layer in one.layers if layer.op == op)
            per_mac = f"{count / macs:.3f}" if macs else "–"
            rows.append(
                f"| {one.model} | {results.core_name(one.core)} | {op} | {format_count(macs)} |"
                f" {format_grouped(count)} | {per_mac} |"
            )
    head = "| model | core | op | MACs left | instructions | per MAC |"
    return "\n".join(["## By op", "", _BY_OP, "", head, "|---" * 6 + "|", *rows, ""])


def _provenance(kept: Iterable[results.Result]) -> str:
    flags = {
        f"- {results.core_name(one.core)}, {one.compiler}: `{' '.join(one.flags)}`"
        for one in sorted(kept, key=_order)
    }
    models = {f"- {one.model}: `{one.model_sha256}`" for one in kept}
    return "\n".join(
        ["## Provenance", "", "Flags:", "", *sorted(flags), "", "Models, SHA-256:", "",
         *sorted(models)]
    )  # fmt: skip


def _order(one: results.Result) -> tuple[int, bool]:
    return results.core_order(one.core), not one.is_own
