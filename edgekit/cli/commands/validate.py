"""`edgekit validate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgekit.cli import options

if TYPE_CHECKING:  # `--help` must not load the records' module
    from edgekit.artifacts import Resize


@click.command(
    epilog="Example: edgekit validate person.h5 int8.tflite --data photos/ --on emulator"
)
@options.model_argument("float_model")
@options.model_argument("int8")
@options.data()
@options.preprocess
@options.resize
@click.option("--on", metavar="host|c|tflm|emulator|PORT", default="host", show_default=True,
              help="Where int8 runs besides the host. c: generated C, compiled for this machine; "
              "tflm: TensorFlow Lite Micro.")  # fmt: skip
@click.option("--board", metavar="ID", default="pico", show_default=True,
              help="The board behind --on emulator or PORT.")  # fmt: skip
@options.max_drop
@options.device_samples
@click.option("--stop-early", is_flag=True,
              help="End as soon as it is decided whether int8 loses more than --max-drop (wrong at "
              "most once in 20), and at the first wrong byte of a device.")  # fmt: skip
@click.option("--all-images", is_flag=True, help="Judge also by the images that calibrated.")
@options.output("Where validate.json goes; by default beside INT8.")
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    float_model: Path,
    int8: Path,
    data: Path,
    preprocess: str | None,
    resize: Resize | None,
    on: str,
    board: str,
    max_drop: float | None,
    device_samples: int | None,
    stop_early: bool,
    all_images: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Compare FLOAT_MODEL and INT8 on the same images: accuracy, drop, device = host.

    A run that was interrupted goes on where it stopped when the command is given again.

    Exits 1 when int8 loses more than --max-drop points, or a device does not give the host's bytes.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import validate

    try:
        with console.progress() as progress:
            found = validate.validate(
                float_model,
                int8,
                data,
                where=validate.Where(on, board, device_samples),
                preprocess=preprocess,
                resize=resize,
                max_drop=max_drop,
                stop_early=stop_early,
                keep_calibration=all_images,
                output=output,
                progress=progress,
            )
    except KeyboardInterrupt:
        click.echo("the same command goes on where this one stopped", err=True)
        raise
    if as_json:
        console.print_json(found)
    else:
        console.show(*summaries.validation(found))
    ctx.exit(0 if found.ok else 1)
