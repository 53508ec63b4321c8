"""The `edgekit` command: finds its commands by listing a folder, and turns errors into words.

A command is a module of `edgekit.cli.commands` with an attribute `command`. Commands import what
they run inside the function, so that `edgekit --help` loads neither NumPy nor rich nor any flow.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import click

from edgekit import __version__
from edgekit.cli import options
from edgekit.errors import EdgekitError

_COMMANDS = "edgekit.cli.commands"
_INTERRUPTED = 130
_TERMINATED = 143
_BROKEN_PIPE = 141
_BUG_HINT = "this is a bug; run with EDGEKIT_DEBUG=1 for the traceback"


class CommandFolder(options.Commands):
    """A group whose commands are the modules of a package, each imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands."""
        package = importlib.import_module(_COMMANDS)
        return sorted(module.name for module in pkgutil.iter_modules(package.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None when there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{_COMMANDS}.{cmd_name}").command
        assert isinstance(command, click.Command), cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's; an unknown command offers the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{self._nearest(ctx, args[0])}", ctx) from None

    def _nearest(self, ctx: click.Context, name: str) -> str:
        import difflib

        near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
        return f" Did you mean {near[0]!r}?" if near else ""


@click.command(cls=CommandFolder, epilog="Start here: edgekit demo")
@click.version_option(__version__, prog_name="edgekit")
def edgekit() -> None:
    """From a trained CNN to int8 numbers measured on a board."""


def main() -> NoReturn:
    """Runs the command line of this process and exits with its status."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit status; every error becomes words on stderr.

    0 ok, 1 a check or limit failed, 2 wrong input or usage, 3 a tool, a device or a bug, 130
    Ctrl-C, 141 nobody reads the output. With --json the words are an object on stdout as well.
    """
    fail = _fail_in_json if "--json" in arguments else _fail
    try:
        status = edgekit.main(list(arguments), prog_name="edgekit", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        return fail("UsageError", error.format_message(), _usage_hint(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        message = "interrupted; no half-written file is left"
        return fail("Interrupted", message, str(error), _INTERRUPTED)
    except EdgekitError as error:
        return fail(type(error).__name__, error.message, error.hint, error.exit_code)
    except BrokenPipeError:
        return _quiet_broken_pipe()
    except Exception as error:
        if os.environ.get("EDGEKIT_DEBUG"):
            raise
        return fail("Bug", _bug(error), _BUG_HINT, 3)
    return status if isinstance(status, int) else 0


def _fail(kind: str, message: str, hint: str, status: int) -> int:  # noqa: ARG001
    """Says what went wrong, and what to do about it. stderr may be gone: then nobody listens."""
    with contextlib.suppress(OSError):
        click.echo(f"error: {message}", err=True)
        if hint:
            click.echo(f"hint: {hint}", err=True)
    return status


def _fail_in_json(kind: str, message: str, hint: str, status: int) -> int:
    """`_fail`, and the same as an object on stdout: whoever asked for JSON gets JSON."""
    import json

    error = {"kind": kind, "message": message, "hint": hint, "exit_code": status}
    with contextlib.suppress(OSError):
        click.echo(json.dumps({"error": error}, indent=2, ensure_ascii=False))
    return _fail(kind, message, hint, status)


def _bug(error: Exception) -> str:
    first_line = (str(error).splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {first_line}"


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows the usage." if context else ""


def _quiet_broken_pipe() -> int:
    """Leaves without a word: Python would complain once more when it flushes stdout at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _BROKEN_PIPE


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """SIGTERM ends us the way an exception does, so that emulators and ports are closed."""
    raise SystemExit(_TERMINATED)
