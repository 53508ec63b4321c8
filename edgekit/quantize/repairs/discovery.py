"""Finds the repairs: every module of this package that has a `REPAIR`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import edgekit.quantize.repairs
from edgekit.quantize.repairs.repair import Repair


@cache
def repairs() -> Mapping[str, Repair]:
    """Every repair by its name, in the order in which they run."""
    found = []
    for entry in pkgutil.iter_modules(edgekit.quantize.repairs.__path__):
        module = importlib.import_module(f"edgekit.quantize.repairs.{entry.name}")
        repair = getattr(module, "REPAIR", None)
        if repair is not None:
            assert repair.name == entry.name.replace("_", "-"), f"{entry.name} is {repair.name}"
            found.append(repair)
    ordered = sorted(found, key=lambda repair: (repair.order, repair.name))
    return MappingProxyType({repair.name: repair for repair in ordered})
