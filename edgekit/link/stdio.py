"""A program on this machine that speaks frames: ``exec://PROGRAM ARGUMENTS``."""

from __future__ import annotations

import shlex

from edgekit.errors import InputError
from edgekit.link.link import Link
from edgekit.link.process import ProcessLink

SCHEMES = ("exec",)


def open_port(port: str, baud: int) -> Link:  # noqa: ARG001
    """Starts the program, without a shell; see `edgekit.link.open_link`."""
    try:
        command = shlex.split(port.partition("://")[2])
    except ValueError as error:
        raise InputError(f"{port!r} is no command: {error}") from None
    if not command:
        raise InputError(
            f"{port!r} names no program", hint="Write it like exec://python3 agent.pyz."
        )
    return ProcessLink(
        port, command, hint="Put a model there first (`edgekit flash`), and see what it said."
    )
