"""The options that several commands share, each written once."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])
Decorator = Callable[[Function], Function]


class Commands(click.Group):
    """A group whose help has a whole sentence on each command."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click's, which cuts each sentence off at the end of its line."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [
            (name, command.get_short_help_str(limit=formatter.width * 4))
            for name, command in found
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Finite(click.types.FloatParamType):
    """A number, and neither NaN nor infinity, which pass every comparison or none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click's; what is not finite is refused."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


class FiniteRange(Finite, click.FloatRange):
    """The same between bounds, which the help shows."""


INPUT_FILE = click.Path(path_type=Path)
"""A path that the flow reads: it says itself what is wrong with it, so click does not look."""


def model_argument(name: str = "model", *, required: bool = True) -> Decorator[Any]:
    """A positional model file."""
    return click.argument(name, type=INPUT_FILE, required=required)


def output(help_text: str, *, required: bool = False) -> Decorator[Any]:
    """``-o``: where the result goes."""
    return click.option("-o", "--output", type=INPUT_FILE, required=required, help=help_text)


def board(*, required: bool = True) -> Decorator[Any]:
    """``--board ID``."""
    text = "A board id; `edgekit boards` lists them."
    return click.option("--board", metavar="ID", required=required, help=text)


def data(*, required: bool = True) -> Decorator[Any]:
    """``--data DATA``: labelled images."""
    text = "A folder of class folders, a folder with labels.csv, or an .npz with x and y."
    return click.option("--data", metavar="DATA", type=INPUT_FILE, required=required, help=text)


preprocess: Decorator[Any] = click.option(
    "--preprocess",
    metavar="NAME",
    help="raw01, raw255, tf, torch, caffe, cifar, lite or custom:SCALE:MEAN:STD. "
    "Kept in quantize.json: later commands need not repeat it.",
)
resize: Decorator[Any] = click.option(
    "--resize",
    type=click.Choice(["crop", "stretch"]),
    help="Make images of any size fit the model, as in training. crop: the middle of the model's "
    "shape; stretch: all of it. Kept like --preprocess; without it, no image is resized.",
)
calibration: Decorator[Any] = click.option(
    "--calibration",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many images calibrate; default 100, at most half of them.",
)
seed: Decorator[Any] = click.option(
    "--seed",
    metavar="S",
    type=click.IntRange(min=0, max=2**32 - 1),
    default=0,
    show_default=True,
    help="Chooses the calibration images.",
)
fix: Decorator[Any] = click.option(
    "--fix",
    metavar="auto|none|LIST",
    default="auto",
    show_default=True,
    help="Which repairs to make: the cheapest that reach --max-drop, none, or a comma-separated "
    "list of docs/quantization.md.",
)
runtime: Decorator[Any] = click.option(
    "--runtime",
    type=click.Choice(["edgekit", "tflm"]),
    default="edgekit",
    show_default=True,
    help="edgekit: ahead-of-time C. tflm: a C array for TensorFlow Lite Micro.",
)


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A number of bytes, written like 40k, 40 KiB or 40960."""
    from edgekit.errors import InputError
    from edgekit.units import parse_size

    if value is None:
        return None
    try:
        return parse_size(value)
    except InputError as error:
        raise click.BadParameter(f"{error.message}. {error.hint}", ctx, param) from None


ram: Decorator[Any] = click.option(
    "--ram",
    metavar="SIZE",
    callback=_size,
    help="RAM that the model may take, its input included: 40k. Where it needs more, layers run "
    "a few rows at a time; results stay the same.",
)
compiler: Decorator[Any] = click.option(
    "--compiler",
    type=click.Choice(["auto", "gcc", "zig"]),
    default="auto",
    show_default=True,
    help="auto: the faster one for the board's core, zig on Cortex-M3 and M55 and else "
    "arm-none-eabi-gcc; the other one where that is not installed.",
)
port: Decorator[Any] = click.option(
    "--port", metavar="PORT", help="/dev/ttyACM0, a pty, socket://host:port, or ssh://user@host."
)
emulate: Decorator[Any] = click.option(
    "--emulate", is_flag=True, help="Use the emulated board instead of a real one."
)
max_drop: Decorator[Any] = click.option(
    "--max-drop",
    metavar="POINTS",
    type=FiniteRange(min=0, max=100),
    help="Exit 1 when int8 loses more points of top-1 than this.",
)
device_samples: Decorator[Any] = click.option(
    "--device-samples",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many images the device sees; default: as many as 45 seconds allow.",
)
as_json: Decorator[Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as one JSON object."
)
