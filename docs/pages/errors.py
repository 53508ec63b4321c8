"""Every error class, what it means and the exit code it gives: from edgekit/errors.py."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator

from edgekit import errors
from edgekit.errors import EdgekitError

_HEAD = """# Errors and exit codes

A command that fails prints what happened, with numbers, and a hint on stderr.

| exit code | means |
|---|---|
| 0 | done |
| 1 | a check failed, or a limit was passed |
| 2 | the input, an option or the usage is wrong |
| 3 | a tool, a device or the way to it failed |
| 130 | interrupted with Ctrl-C |
| 141 | nobody reads the output any more |
| 143 | ended by SIGTERM |
"""


def text() -> str:
    """The page."""
    rows = [
        f"| {'&nbsp;' * 4 * depth}`{error.__name__}` | {error.exit_code} | {_what(error)} |"
        for error, depth in _tree(EdgekitError, 0)
    ]
    return "\n".join(
        [
            _HEAD,
            "One class below another is a kind of it; all in [errors.py](../edgekit/errors.py).",
            "",
            "| class | exit code | what happened |",
            "|---|---|---|",
            *rows,
        ]
    )


def _tree(error: type[EdgekitError], depth: int) -> Iterator[tuple[type[EdgekitError], int]]:
    """The class and all below it, in the order of the source."""
    yield error, depth
    order = list(vars(errors).values())
    for below in sorted(error.__subclasses__(), key=order.index):
        yield from _tree(below, depth + 1)


def _what(error: type[EdgekitError]) -> str:
    """The first paragraph of the docstring."""
    paragraph = textwrap.dedent(inspect.getdoc(error) or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")
