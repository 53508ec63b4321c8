"""The `edgekit` command: finds its commands by listing a folder, and turns errors into words.

A command is a module of `edgekit.cli.commands` with an attribute `command`. Commands import what
they run inside the function, so that `edgekit --help` loads neither NumPy nor rich nor any flow.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
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
_EXHAUSTED = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE)
_ROOM_HINT = "Make room: on the disk of the output, and in the folder for temporary files, $TMPDIR."
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


@click.command(
    cls=CommandFolder,
    epilog="Start here: edgekit demo",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="edgekit")
def edgekit() -> None:
    """From a trained CNN to int8 numbers measured on a board."""


def main() -> NoReturn:
    """Runs the command line of this process and exits with its status."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.unraisablehook = _send_again
    _prepare_streams()
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:  # Python would complain of it once more when it flushes stdout at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _prepare_streams() -> None:
    """Streams that are closed lead nowhere; what a terminal cannot show becomes a question mark.

    In this order: a file that is opened takes the lowest number free.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - as long as we run
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit status; every error becomes words on stderr.

    0 ok, 1 a check or limit failed, 2 wrong input or usage, 3 a tool, a device or a bug, 130
    Ctrl-C, 141 nobody reads the output. With --json the words are an object on stdout as well.
    """
    fail = _fail_in_json if "--json" in arguments else _fail
    try:
        status = edgekit.main(list(arguments), prog_name="edgekit", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        return fail("UsageError", error.format_message(), _usage_hint(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        message = "interrupted; no half-written file is left"
        return fail("Interrupted", message, str(error), _INTERRUPTED)
    except EdgekitError as error:
        return fail(type(error).__name__, error.message, error.hint, error.exit_code)
    except BrokenPipeError:
        return _BROKEN_PIPE
    except OSError as error:
        if error.errno not in _EXHAUSTED:
            return _bug(fail, error)
        return fail(type(error).__name__, _exhausted(error), _ROOM_HINT, 3)
    except Exception as error:
        return _bug(fail, error)
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
        text = json.dumps({"error": error}, indent=2, ensure_ascii=False)
        click.echo(text.encode(errors="replace"))
    return _fail(kind, message, hint, status)


def _bug(fail: Callable[[str, str, str, int], int], error: Exception) -> int:
    """Says so; for who looks for it, raises it again."""
    if os.environ.get("EDGEKIT_DEBUG"):
        raise error
    first_line = (str(error).splitlines() or [""])[0]
    return fail("Bug", f"unexpected {type(error).__name__}: {first_line}", _BUG_HINT, 3)


def _exhausted(error: OSError) -> str:
    return f"{error.filename or 'a file or the output'}: {error.strerror}"


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows the usage." if context else ""


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """SIGTERM ends us the way an exception does, so that emulators and ports are closed."""
    raise SystemExit(_TERMINATED)


def _send_again(lost: sys.UnraisableHookArgs) -> None:
    """Ctrl-C and SIGTERM that fall into a destructor, whose exceptions Python drops, come again,
    once it is over."""
    signals = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}
    if lost.exc_type not in signals:
        sys.__unraisablehook__(lost)
        return
    import threading

    again = threading.Timer(0.05, os.kill, (os.getpid(), signals[lost.exc_type]))
    again.daemon = True
    again.start()
