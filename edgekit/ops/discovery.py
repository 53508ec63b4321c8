"""Finds the op modules: every module of this package that has an `OPERATOR`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import edgekit.ops
from edgekit.ops.operator import Operator


@cache
def operators() -> Mapping[str, Operator]:
    """Every op that can be compiled, by TFLite's name for it."""
    found: dict[str, Operator] = {}
    for entry in pkgutil.iter_modules(edgekit.ops.__path__):
        module = importlib.import_module(f"edgekit.ops.{entry.name}")
        operator = getattr(module, "OPERATOR", None)
        if operator is not None:
            assert operator.name.lower() == entry.name, f"{entry.name} holds {operator.name}"
            found[operator.name] = operator
    return MappingProxyType(found)
