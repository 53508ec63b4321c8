"""Kernels for one family of cores: each module here turns calls of portable kernels into its own.

A variant keeps the arguments of the portable kernel, in their order, and gives the same bytes. It
may lay constants out otherwise, want more or less scratch memory, and add parameters. What a
module has no variant of stays portable.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import cast

from edgekit.ops.operator import KernelCall

Variant = Callable[[KernelCall, int | None], KernelCall]
"""From a portable call to one of its own. Where more memory makes it faster, tensors and scratch
may take the bytes that are given; None leaves it to the variant."""


def specialised(
    call: KernelCall, kernels: str, room_bytes: int | None = None, *, counts: bool = False
) -> KernelCall:
    """The call for cores of the family `kernels`, a module of this package; "" is portable.

    `counts` says whether the call multiplies and accumulates: then it is worth a line where it
    stays portable.
    """
    variant = _variants(kernels).get(call.function) if kernels else None
    if variant is not None:
        return variant(call, room_bytes)
    return (
        slower(call, "portable C, there is no kernel for these cores", 3)
        if kernels and counts
        else call
    )


def channel_multiple(kernels: str) -> int:
    """A family's kernels take so many channels, or a multiple of that, faster than one less."""
    if not kernels:
        return 1
    return int(getattr(_module(kernels), "CHANNEL_MULTIPLE", 1))


def takes_room(kernels: str) -> bool:
    """Whether a family's kernels get faster by more memory, where they are given room for it."""
    return bool(kernels) and bool(getattr(_module(kernels), "TAKES_ROOM", False))


def slower(call: KernelCall, why: str, times: float) -> KernelCall:
    """The call with a line for users: it takes about so many times as long as the best form of the
    op would for the same work (benchmarks/shapes.py)."""
    return replace(call, slow=f"{why}; takes about {times:g} times as long as the best form")


def in_two_shares(call: KernelCall, room_bytes: int | None) -> KernelCall:  # noqa: ARG001
    """The portable call, for two cores."""
    return replace(call, shares=2)


def is_portable(function: str) -> bool:
    """Whether a kernel is for any core: the names of others end in that of a family."""
    return function.rpartition("_")[2] not in _families()


@cache
def _families() -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


@cache
def _variants(kernels: str) -> Mapping[str, Variant]:
    return cast(Mapping[str, Variant], _module(kernels).VARIANTS)


def _module(kernels: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{kernels}")


def without(parameters: Mapping[str, int], *names: str) -> dict[str, int]:
    """The parameters but those that a variant's kernel does not read."""
    return {name: value for name, value in parameters.items() if name not in names}


def renamed(call: KernelCall, kernels: str) -> KernelCall:
    """The call of ``ek_<op>_s8_<kernels>`` in the header of that name."""
    function = f"{call.function}_{kernels}"
    return replace(call, function=function, header=f"{function}.h")
