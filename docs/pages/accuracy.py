"""docs/accuracy.md: what int8 costs whole models and what each repair buys, as measured."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import unseen_results
from unseen_results import Draw, Loss, Pooled, Unseen

_RESULTS = unseen_results.RESULTS.with_name("accuracy.json")
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
one in three is off by more than its error, one in six to either side. **Bold** are the means of a
network's draws. {errors}
"""
_PAIRED = """As these judge by images that overlap, an image counts once for the error of a mean,
with all that it says in all draws."""
_BOUNDS = """As these judge by images that overlap, which were not kept one by one, the error of a
mean is a bound: the mean of its draws' errors, without division by √3, as if all had judged by the
same images. The true one is no larger."""
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
    """Each draw of each network, their means, and the means of all."""
    found = unseen_results.load()
    networks = unseen_results.pooled(found.draws)
    yield from (_UNSEEN_TITLE, *_explained(found, networks), _UNSEEN_TABLE)
    for one in networks:
        for draw in found.draws:
            if draw.network == one.network:
                yield f"| {draw.network} | {_losses(draw)} | {' + '.join(draw.repairs)} |"
        yield f"| **{one.network}** | {_losses(one)} | |"
    stock, auto = _mean([one.stock for one in networks]), _mean([one.auto for one in networks])
    more = np.mean([one.worse_points for one in networks])
    yield f"| mean of all | | {stock} | {auto} | {more:.2f} | |"


def _explained(found: Unseen, networks: Sequence[Pooled]) -> Iterator[str]:
    """How it was measured, and what it says."""
    draw, source = found.draws[0], found.source
    how = _UNSEEN.format(
        file=source.file, images=source.images, learnt=source.learnt, side=source.side,
        calibrating=source.images - source.learnt - draw.images, judging=draw.images,
        views=draw.views, draws=len(found.draws) // len(networks),
        errors=_PAIRED if all(one.exact for one in networks) else _BOUNDS,
    )  # fmt: skip
    yield textwrap.fill(how.strip(), 100)
    yield "\n" + textwrap.fill(_verdict(found.draws, networks), 100)


def _verdict(draws: Sequence[Draw], networks: Sequence[Pooled]) -> str:
    """Whether edgekit's int8 is worse than the converter's, in words."""
    worse = [one.network for one in networks if one.worse_points > one.worse_error]
    better = [one.network for one in networks if -one.worse_points > one.worse_error]
    much = [one.network for one in networks if one.worse_points > one.auto.drop_error]
    rows = [draw.worse_points / draw.worse_error for draw in draws]
    return (
        f"By these means edgekit's int8 is worse than the converter's by more than the error of "
        f"the difference on {_named(worse)}, better by more than it on {_named(better)}, and worse "
        f"by more than the error of its drop on {_named(much)}. Of the {len(rows)} "
        f"single draws it is worse by more than the error in {sum(row > 1 for row in rows)}, "
        f"better in {sum(row < -1 for row in rows)}."
    )


def _named(networks: Sequence[str]) -> str:
    return ", ".join(networks) or "no network"


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


def _losses(found: Draw | Pooled) -> str:
    """The cells of a draw or of a network, but its name and its repairs."""
    return (
        f"{100 * found.float_top1:.1f} % | {_loss(found.stock)} | {_loss(found.auto)} "
        f"| {found.worse_points:.2f} ± {found.worse_error:.2f}"
    )


def _loss(found: Loss) -> str:
    return f"{found.drop_points:.2f} ± {found.drop_error:.2f} | {100 * found.agreement:.1f} %"


def _mean(losses: Sequence[Loss]) -> str:
    drop = np.mean([loss.drop_points for loss in losses])
    return f"{drop:.2f} | {100 * np.mean([loss.agreement for loss in losses]):.2f} %"


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
