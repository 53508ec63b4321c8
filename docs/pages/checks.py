"""The rules of `edgekit check`: from the docstrings and thresholds in edgekit/checks."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit import checks
from edgekit.quantize import guards

_HEAD = """# Checks

What `edgekit check` holds an int8 model to. An error fails the check (exit code 1); a warning is
worth a look; an info is worth knowing. `--fail-on warning` is stricter.

`agreement` and `stuck` need `--float` and `--data`, as do the rules from `output_error` on: they
judge the [diagnosis](diagnosis.md) of the layers. `--json` gives all findings and figures;
`--sarif FILE` and `--junit FILE` write them as code scanners and CI services read them.
"""
_GUARDS = """# Guards

What `edgekit quantize` and, with `--data`, `edgekit check` say of the images themselves. Each is a
warning that comes with its evidence. Images whose values are not finite, or all the same, are an
error; so are weights that are not finite.
"""
_THRESHOLDS = """## Thresholds

Set with `--threshold NAME=VALUE`, as often as needed. The verdict notes all of them.

| name | default | what it decides |
|---|---:|---|
"""


def text() -> str:
    """The page."""
    rules, found = _sections(checks.DESCRIPTIONS), _sections(guards.DESCRIPTIONS)
    return "\n".join([_HEAD, *rules, _THRESHOLDS + _rows() + "\n", _GUARDS, *found])


def _sections(descriptions: Mapping[str, str]) -> list[str]:
    return [f"## {name}\n\n{what}\n" for name, what in descriptions.items()]


def _rows() -> str:
    defaults = checks.Thresholds().as_dict()
    return "\n".join(
        f"| {name} | {defaults[name]:g} | {bounds.meaning} |"
        for name, bounds in checks.BOUNDS.items()
    )
