"""The command line reference: from the commands in edgekit/cli/commands."""

from __future__ import annotations

import re

import click

from edgekit.cli.main import edgekit as program

_HEAD = """# Command line

What `edgekit COMMAND --help` prints. Exit codes are in [errors.md](errors.md).
"""
_WIDTH = 96


def text() -> str:
    """The page."""
    root = _context(None, program, "edgekit")
    assert isinstance(program, click.Group)
    sections = [_HEAD, _help(root)]
    for name in program.list_commands(root):
        sections += _sections(root, program, name)
    return "\n".join(sections)


def _sections(parent: click.Context, group: click.Group, name: str) -> list[str]:
    """A command's section, and those of its own commands."""
    command = group.get_command(parent, name)
    assert command is not None
    context = _context(parent, command, name)
    found = [f"## {context.command_path}\n", _help(context)]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found += _sections(context, command, below)
    return found


def _context(parent: click.Context | None, command: click.Command, name: str) -> click.Context:
    return click.Context(
        command, info_name=name, parent=parent, terminal_width=_WIDTH, max_content_width=_WIDTH
    )


def _help(context: click.Context) -> str:
    """The help, without colours, in a block of its own."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", context.get_help())
    return f"```text\n{plain.rstrip()}\n```\n"
