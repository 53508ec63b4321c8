"""docs/accuracy.md: what int8 costs whole models and what each repair buys, as measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

_RESULTS = Path(__file__).parents[2] / "benchmarks" / "accuracy.json"
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


def text() -> str:
    """The page: one table per model."""
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
    return "\n".join(parts) + "\n"


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
