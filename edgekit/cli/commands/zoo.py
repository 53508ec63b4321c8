"""`edgekit zoo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgekit.cli import options

if TYPE_CHECKING:  # `--help` must not load the records' module
    from edgekit.artifacts import Epoch, Resize


def _resolution(text: str) -> int | str:
    """A number where both sides are equal, so that it is one in JSON; the zoo reads the others."""
    return int(text) if text.isdecimal() else text


_FINE_TUNING_RATE = 1e-3  # weights that are good already are to be bent, not broken

_METAPARAMETERS: tuple[options.Decorator[Any], ...] = (
    click.option("--alpha", type=options.Finite(), help="Width multiplier."),
    click.option("--scale", type=options.Finite(), help="Width multiplier of the ShuffleNets."),
    click.option("--rho", type=options.Finite(), help="Resolution multiplier."),
    click.option("--resolution", type=_resolution, metavar="N|HxW", help="Input height and width."),
    click.option("--channels", type=int, help="Input channels: 1 or 3."),
    click.option("--classes", type=int, help="Output classes."),
    click.option("--groups", type=int, help="Groups of the grouped convolutions."),
    click.option("--size", help="MobileNetV3: large or small."),
    click.option(
        "--minimalistic", is_flag=True, default=None, help="MobileNetV3 of simple ops only."
    ),
    click.option("--version", help="SqueezeNet: 1.0 or 1.1."),
    click.option("--bypass", help="SqueezeNet: none, simple or complex."),
    click.option("--base-e", type=int, help="SqueezeNet: expand filters of the first fire module."),
    click.option(
        "--incr-e", type=int, help="SqueezeNet: how many more after every --freq modules."
    ),
    click.option("--freq", type=int, help="SqueezeNet: fire modules of equal width."),
    click.option(
        "--pct3x3", type=options.Finite(), help="SqueezeNet: share of expand filters that are 3x3."
    ),
    click.option(
        "--squeeze-ratio",
        type=options.Finite(),
        help="SqueezeNet: squeeze filters per expand filter.",
    ),
    click.option("--repeats", type=int, help="Xception: blocks of the middle flow."),
    click.option("--activation", help="What follows each convolution: relu6 or relu."),
    click.option("--dropout", type=options.Finite(), help="Dropout before the classifier."),
)


def _metaparameters(function: options.Function) -> options.Function:
    """An option for every metaparameter of every architecture."""
    for option in reversed(_METAPARAMETERS):
        function = option(function)
    return function


@click.group(cls=options.Commands)
def command() -> None:
    """The model zoo: architectures with their metaparameters."""


@command.command("list", epilog="Example: edgekit zoo list shufflenet_v2")
@click.argument("name", required=False)
@options.as_json
def list_(name: str | None, as_json: bool) -> None:
    """List every variant, or those of NAME: parameters, MACs, int8 size and RAM, beside the
    paper's figures."""
    from edgekit import zoo
    from edgekit.cli import console, tables

    entries = zoo.entries(name)
    if as_json:
        console.print_json(entries)
    else:
        console.show(*tables.zoo(entries))


@command.command(
    epilog="Example: edgekit zoo build mobilenet_v1 --alpha 0.25 --resolution 96 -o person.keras"
)
@click.argument("name")
@options.output("The model, a .keras file.", required=True)
@_metaparameters
@options.as_json
def build(name: str, output: Path, as_json: bool, **metaparameters: float | str | None) -> None:
    """Build architecture NAME with fresh weights, ready to train."""
    from edgekit import zoo
    from edgekit.cli import console, tables

    zoo.require_keras_file(output)
    given = {key: value for key, value in metaparameters.items() if value is not None}
    counts = zoo.counts(zoo.describe(name, **given))
    zoo.save(zoo.build(name, **given), output)
    if as_json:
        console.print_json({"name": name, "variant": given, "output": str(output), **counts})
    else:
        console.show(*tables.zoo_model(name, given, output, counts))


@command.command(
    epilog="Example: edgekit zoo train mobilenet_v1 --alpha 0.25 --data photos/ -o person.keras"
)
@click.argument("name", required=False)
@options.data()
@options.output("The model, a .keras file.", required=True)
@click.option(
    "--from",
    "model",
    metavar="MODEL",
    type=options.INPUT_FILE,
    help="Start from a trained .keras or .h5; its classifier is replaced when classes differ. "
    "With NAME: take over the weights of layers that are alike.",
)
@click.option("--freeze", is_flag=True, help="With --from: only the classifier learns.")
@click.option(
    "--epochs", metavar="N", type=int, help="At most so many; default: by the number of images."
)
@click.option("--batch", metavar="N", type=int, help="Images in a step; default 32.")
@click.option(
    "--learning-rate",
    metavar="RATE",
    type=options.Finite(),
    help="At its peak; default 0.003, without batch norms 0.0005, with --from 0.001.",
)
@click.option("--label-smoothing", metavar="SHARE", type=options.Finite(), help="Default 0.05.")
@click.option(
    "--patience",
    metavar="N",
    type=int,
    help="Stop after N epochs without gain; default: a quarter of them.",
)
@click.option(
    "--validation",
    metavar="SHARE",
    type=options.Finite(),
    help="Share of each class that only judges; default 0.2. 0: the last epoch is kept.",
)
@click.option("--flip/--no-flip", default=None, help="Mirror images at random; default --flip.")
@click.option(
    "--shift", metavar="SHARE", type=options.Finite(), help="Move images at random; default 0.1."
)
@click.option(
    "--rotate", metavar="TURNS", type=options.Finite(), help="Turn images at random; default 0."
)
@click.option(
    "--zoom", metavar="SHARE", type=options.Finite(), help="Scale images at random; default 0."
)
@click.option("--seed", type=int, help="Chooses weights, validation images and their order.")
@options.preprocess
@options.resize
@click.option("--restart", is_flag=True, help="Forget an unfinished training to the same file.")
@_metaparameters
@options.as_json
def train(
    name: str | None,
    data: Path,
    output: Path,
    model: Path | None,
    freeze: bool,
    preprocess: str | None,
    resize: Resize | None,
    restart: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Train architecture NAME, or fine-tune a model, on labelled images.

    Sizes and classes are those of the images unless given. Preprocessing is "tf" (-1 to 1) unless
    given, and is recorded beside the model: `quantize` need not be told. Interrupted, the same
    command goes on where it was. Some images judge and are never learnt from; they are written
    beside the model, for `quantize` and `validate`. An NVIDIA GPU is used where TensorFlow finds
    one, which takes `pip install "tensorflow[and-cuda]"`.
    """
    from edgekit.cli import console, summaries
    from edgekit.flows import train as flow
    from edgekit.flows.training_start import Start
    from edgekit.train import Settings

    chosen = {key: value for key, value in given.items() if value is not None}
    settings = {key: chosen.pop(key) for key in Settings.__struct_fields__ if key in chosen}
    if model is not None:
        settings.setdefault("learning_rate", _FINE_TUNING_RATE)
    try:
        with console.progress() as progress:
            record = flow.train(
                Start(name, chosen, model, freeze),
                data,
                output,
                Settings(**settings),
                preprocess=preprocess,
                resize=resize,
                restart=restart,
                progress=progress,
                report=_say,
                note=lambda text: click.echo(text, err=True),
            )
    except KeyboardInterrupt:
        raise click.Abort("The same command goes on after the last whole epoch.") from None
    if as_json:
        console.print_json(record)
    else:
        console.show(*summaries.trained(record))


def _say(history: tuple[Epoch, ...], most: int) -> None:
    """A line per epoch on stderr, in logs as well: a training can take hours."""
    from edgekit.train import best

    epoch = history[-1]
    judged = (
        ""
        if epoch.validation_accuracy is None or epoch.validation_loss is None
        else f"; validation loss {epoch.validation_loss:.4f}, "
        f"accuracy {epoch.validation_accuracy:.4f}"
    )
    is_best = "; best so far" if judged and best(history) is epoch else ""
    click.echo(
        f"epoch {epoch.epoch} of {most}: loss {epoch.loss:.4f}, "
        f"accuracy {epoch.train_accuracy:.4f}{judged}{is_best}",
        err=True,
    )
