"""The chips that are emulated: each a description, in a module of its name."""

from __future__ import annotations

import importlib
from typing import cast

from edgekit.emulate.unicorn.chips.kind import Kind

DEFAULT = "rp2040"


def kind_of(name: str | None) -> Kind:
    """The chip that a board's file names as its emulator's machine, else the RP2040."""
    module = importlib.import_module(f"{__name__}.{name or DEFAULT}")
    return cast(Kind, module.KIND)
