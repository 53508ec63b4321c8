"""The command line: parse, call one flow, print. One module per command, in `commands/`."""

from edgekit.cli.main import main

__all__ = ["main"]
