"""`edgekit quantize`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgekit.cli import options

if TYPE_CHECKING:  # `--help` must not load the records' module
    from edgekit.artifacts import Resize


@click.command(
    epilog="Example: edgekit quantize person.h5 --data photos/ --preprocess raw01 -o int8.tflite"
)
@options.model_argument()
@options.data()
@options.output("The int8 model; by default build/<model>/int8.tflite.")
@options.preprocess
@options.resize
@options.calibration
@options.seed
@options.fix
@click.option(
    "--max-drop",
    metavar="POINTS",
    type=options.FiniteRange(min=0, max=100),
    default=0.5,
    show_default=True,
    help="How many points of top-1 int8 may lose before --fix auto tries another repair.",
)
@click.option("--report", metavar="DIR", type=options.INPUT_FILE, help="Write an HTML page there.")
@options.as_json
def command(
    model: Path,
    data: Path,
    output: Path | None,
    preprocess: str | None,
    resize: Resize | None,
    calibration: int | None,
    seed: int,
    fix: str,
    max_drop: float,
    report: Path | None,
    as_json: bool,
) -> None:
    """Make an int8 .tflite of MODEL: calibrate, check ReLU6 clipping, repair, convert, report.

    MODEL is a .keras, .h5, SavedModel, float .tflite, .onnx or .pt2. quantize.json is written
    beside the result.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import quantize as flow

    with console.progress() as progress:
        record = flow.quantize(
            model,
            data,
            output,
            preprocess=preprocess,
            resize=resize,
            calibration=calibration,
            seed=seed,
            fix=fix,
            max_drop=max_drop,
            report_folder=report,
            progress=progress,
        )
    if as_json:
        console.print_json(record)
    else:
        console.show(*summaries.quantized(record))
