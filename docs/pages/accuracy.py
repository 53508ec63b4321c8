"""docs/accuracy.md: what int8 costs whole models and what each repair buys, as measured."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

_BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
_RESULTS, _UNSEEN_RESULTS = _BENCHMARKS / "accuracy.json", _BENCHMARKS / "unseen.json"
_HEAD = """# Accuracy of int8 models

`python benchmarks/accuracy.py DIR` measured this: every variant is calibrated on the same images
and judged on all others of the set ({kernels}). *TFLiteConverter* is TensorFlow's own post-training
quantization of the Keras model, *none* edgekit's without repairs, *auto* what `--fix auto` chose,
then, where it was measured, each repair alone. Drops are in points of top-1 against the float
model, with their paired standard error; *expected* is what the float model's probabilities say of
the answers that changed.
Seconds are from the Keras file to the int8 model, without TensorFlow's import, by the clock (s) and
of CPU time, all cores together (CPU s); beside each, how many times the converter's on the same
model and images, measured in the same process on two cores. The models and images are for
development and not part of edgekit.
"""
_UNSEEN_TITLE = "\n## Networks that edgekit was not tuned on\n"
_UNSEEN = """
`python benchmarks/unseen.py IMAGES.npz` trained small networks of the zoo for some minutes, as a
user may do, on {learnt:,} of the {images:,} images of `{file}`, scaled to {side} × {side}. Of the
others {calibrating} calibrate and {judging} judge, in {views} views each: shifted, mirrored. Each
network is made int8 {draws} times, with other images that calibrate. Drops are in points of top-1
with the standard error over images; *agrees* are answers equal to float's; *more* is edgekit's drop
less the converter's. The networks are weak, and so is the evidence of a row: where nothing differs,
one in three is off by more than its error.
"""
_UNSEEN_TABLE = """
| network | float | converter: drop | agrees | edgekit: drop | agrees | more | repairs |
|---|--:|--:|--:|--:|--:|--:|---|"""


def text() -> str:
    """The page: one table per model, and one of networks trained for this."""
    found = msgspec.json.decode(_RESULTS.read_bytes())
    kernels = sorted({model["kernels"] for model in found.values()})
    parts = [_HEAD.format(kernels=", ".join(kernels))]
    for name, model in found.items():
        parts.append(
            f"\n## {name}\n\n{model['calibration_images']} images calibrate, "
            f"{model['images']} judge; float {100 * model['float_top1']:.2f} %.\n\n"
            "| | repairs | top-1 | drop | expected | agreement | s | × | CPU s | × |\n"
            "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        )
        stock = model["variants"][0]
        parts += [_row(variant, stock) for variant in model["variants"]]
    return "\n".join([*parts, *_unseen()]) + "\n"


def _unseen() -> Iterator[str]:
    """Each draw of each network, and the means of all."""
    found = msgspec.json.decode(_UNSEEN_RESULTS.read_bytes())
    draws, source = found["draws"], found["source"]
    judging, rest = draws[0]["images"], source["images"] - source["learnt"]
    paragraph = _UNSEEN.format(
        **source, calibrating=rest - judging, judging=judging, views=draws[0]["views"],
        draws=len(draws) // len({draw["network"] for draw in draws}),
    )  # fmt: skip
    yield from (_UNSEEN_TITLE, textwrap.fill(paragraph.strip(), 100), _UNSEEN_TABLE)
    for draw in draws:
        yield (
            f"| {draw['network']} | {100 * draw['float_top1']:.1f} % | {_loss(draw['stock'])} "
            f"| {_loss(draw['auto'])} | {draw['worse_points']:.2f} ± {draw['worse_error']:.2f} "
            f"| {' + '.join(draw['repairs'])} |"
        )
    stock, auto = (
        " | ".join(f"{np.mean([draw[who][what] for draw in draws]) * by:.2f}{unit}"
                   for what, by, unit in (("drop_points", 1, ""), ("agreement", 100, " %")))
        for who in ("stock", "auto")
    )  # fmt: skip
    more = np.mean([draw["worse_points"] for draw in draws])
    yield f"| mean of all | | {stock} | {auto} | {more:.2f} | |"


def readme() -> str:
    """What int8 costs each model, made by the converter and by edgekit's default."""
    rows = [
        "| model | float | TFLiteConverter loses | edgekit loses | same answer as float |",
        "|---|---|---|---|---|",
    ]
    for name, model in msgspec.json.decode(_RESULTS.read_bytes()).items():
        made = {variant["name"]: variant for variant in model["variants"]}
        stock, auto = made["TFLiteConverter"], made["auto"]
        rows.append(
            f"| {name} | {100 * model['float_top1']:.1f} % | {_drop(stock)} | {_drop(auto)} "
            f"| {100 * stock['agreement']:.1f} % → {100 * auto['agreement']:.1f} % |"
        )
    return "\n".join(
        [
            *rows,
            "",
            "Points of top-1 ± standard error, on images that did not calibrate; LiteRT on x86-64. "
            "[Each repair alone, and how long it takes](docs/accuracy.md).",
        ]
    )


def _loss(found: dict[str, Any]) -> str:
    return f"{_drop(found)} | {100 * found['agreement']:.1f} %"


def _row(found: dict[str, Any], stock: dict[str, Any]) -> str:
    used = " + ".join(found["repairs"]) if found["name"] == "auto" else ""
    return (
        f"| {found['name']} | {used} | {100 * found['top1']:.2f} % "
        f"| {_drop(found)} "
        f"| {found['expected_drop_points']:.2f} | {100 * found['agreement']:.1f} % "
        f"| {_time(found, stock, 'seconds')} | {_time(found, stock, 'cpu_seconds')} |"
    )


def _drop(found: dict[str, Any]) -> str:
    return f"{found['drop_points']:.2f} ± {found['drop_error']:.2f}"


def _time(found: dict[str, Any], stock: dict[str, Any], which: str) -> str:
    return f"{found[which]:.1f} | {found[which] / stock[which]:.2f}"
