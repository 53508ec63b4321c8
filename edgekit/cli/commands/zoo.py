"""`edgekit zoo`."""

from __future__ import annotations

from pathlib import Path

import click

from edgekit.cli import options


def _resolution(text: str) -> int | str:
    """A number where both sides are equal, so that it is one in JSON; the zoo reads the others."""
    return int(text) if text.isdecimal() else text


@click.group()
def command() -> None:
    """The model zoo: architectures with their metaparameters."""


@command.command("list", epilog="Example: edgekit zoo list")
@options.as_json
def list_(as_json: bool) -> None:
    """List every variant with its parameters and MACs, beside the paper's figures."""
    from edgekit import zoo
    from edgekit.cli import console, tables

    entries = zoo.entries()
    if as_json:
        console.print_json(entries)
    else:
        console.show(*tables.zoo(entries))


@command.command(
    epilog="Example: edgekit zoo build mobilenet_v1 --alpha 0.25 --resolution 96 -o person.keras"
)
@click.argument("name")
@options.output("The model, a .keras file.", required=True)
@click.option("--alpha", type=float, help="Width multiplier.")
@click.option("--scale", type=float, help="Width multiplier of the ShuffleNets.")
@click.option("--rho", type=float, help="Resolution multiplier.")
@click.option("--resolution", type=_resolution, metavar="N|HxW", help="Input height and width.")
@click.option("--channels", type=int, help="Input channels: 1 or 3.")
@click.option("--classes", type=int, help="Output classes.")
@click.option("--groups", type=int, help="Groups of the grouped convolutions.")
@click.option("--size", help="MobileNetV3: large or small.")
@click.option("--minimalistic", is_flag=True, default=None, help="MobileNetV3 of simple ops only.")
@click.option("--version", help="SqueezeNet: 1.0 or 1.1.")
@click.option("--bypass", help="SqueezeNet: none, simple or complex.")
@click.option("--base-e", type=int, help="SqueezeNet: expand filters of the first fire module.")
@click.option("--incr-e", type=int, help="SqueezeNet: how many more after every --freq modules.")
@click.option("--freq", type=int, help="SqueezeNet: fire modules of equal width.")
@click.option("--pct3x3", type=float, help="SqueezeNet: share of expand filters that are 3x3.")
@click.option("--squeeze-ratio", type=float, help="SqueezeNet: squeeze filters per expand filter.")
@click.option("--repeats", type=int, help="Xception: blocks of the middle flow.")
@click.option("--activation", help="What follows each convolution: relu6 or relu.")
@click.option("--dropout", type=float, help="Dropout before the classifier.")
@options.as_json
def build(name: str, output: Path, as_json: bool, **metaparameters: float | str | None) -> None:
    """Build architecture NAME with fresh weights, ready to train."""
    from edgekit import zoo
    from edgekit.cli import console, tables

    given = {key: value for key, value in metaparameters.items() if value is not None}
    counts = zoo.counts(zoo.describe(name, **given))
    zoo.save(zoo.build(name, **given), output)
    if as_json:
        console.print_json({"name": name, "variant": given, "output": str(output), **counts})
    else:
        console.show(*tables.zoo_model(name, given, output, counts))
