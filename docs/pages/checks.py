"""The rules of `edgekit check`: from the docstrings in edgekit/checks."""

from __future__ import annotations

import inspect

from edgekit import checks

_HEAD = """# Checks

What `edgekit check` holds an int8 model to. An error fails the check (exit code 1); a warning is
worth a look; an info is worth knowing.
"""


def text() -> str:
    """The page."""
    return "\n".join([_HEAD, *(_section(rule) for rule in checks.RULES)])


def _section(rule: checks.Rule) -> str:
    return f"## {rule.__name__}\n\n{inspect.getdoc(rule)}\n"
