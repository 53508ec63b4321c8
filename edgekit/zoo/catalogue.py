"""Finds the architectures, counts their variants, and builds them.

An architecture is a file in `architectures`; nothing else lists it.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from edgekit.artifacts import write_bytes
from edgekit.errors import InputError
from edgekit.zoo import architectures
from edgekit.zoo.network import Network
from edgekit.zoo.variant import Metaparameter


def names() -> tuple[str, ...]:
    """The architectures there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(architectures.__path__)))


def describe(name: str, **given: Metaparameter) -> Network:
    """An architecture with these metaparameters, as data; TensorFlow is not needed.

    Raises `InputError` when there is no such architecture or metaparameter, and for sizes that no
    .tflite can have.
    """
    known = metaparameters(name)
    unknown = [key for key in given if key not in known]
    if unknown:
        raise InputError(
            f"{name} has no metaparameter {', '.join(unknown)}", hint=f"It has {', '.join(known)}."
        )
    network: Network = _architecture(name).network(**given)
    network.require_file()
    return network


def metaparameters(name: str) -> dict[str, Metaparameter | None]:
    """An architecture's metaparameters with their defaults; None where others decide.

    Raises `InputError` when there is no such architecture.
    """
    signature = inspect.signature(_architecture(name).network)
    return {key: parameter.default for key, parameter in signature.parameters.items()}


def build(name: str, **given: Metaparameter) -> Any:
    """An architecture as a plain functional Keras model with fresh weights.

    Raises `InputError` as `describe` does, and `MissingToolError` without TensorFlow.
    """
    return describe(name, **given).keras()


def require_keras_file(path: Path) -> None:
    """Raises `InputError` unless a model can be saved under that name."""
    if path.suffix != ".keras":
        raise InputError(f"cannot write a model to {path}", hint="Name it something.keras.")


def save(model: Any, path: Path) -> None:
    """Writes a Keras model to a `.keras` file, whole or not at all. Raises `InputError`."""
    require_keras_file(path)
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder, "model.keras")
        model.save(beside)
        write_bytes(path, beside.read_bytes())


def entries(only: str | None = None) -> list[dict[str, Any]]:
    """Every variant of every architecture, or of one, with its counts, and the paper's figures
    beside them. Raises `InputError` when there is no such architecture."""
    return [
        {
            "name": name,
            "variant": dict(variant.metaparameters),
            **counts(describe(name, **variant.metaparameters)),
            "paper": {
                "top1": variant.top1,
                "macs": variant.macs,
                "params": variant.params,
                "macs_note": variant.macs_note,
                "params_note": variant.params_note,
            },
        }
        for name in ([only] if only else names())
        for variant in _architecture(name).VARIANTS
    ]


def counts(network: Network) -> dict[str, int]:
    """What can be counted of a network; bytes are those of its int8 model."""
    return {
        "params": network.params,
        "params_total": network.params_total,
        "macs": network.macs,
        "int8_bytes": network.int8_bytes,
        "ram_bytes": network.ram_bytes,
    }


def _architecture(name: str) -> ModuleType:
    if name not in names():
        nearest = difflib.get_close_matches(name, names(), n=1)
        raise InputError(
            f"the zoo has no {name!r}",
            hint=(f"Did you mean {nearest[0]}? " if nearest else "")
            + f"It has {', '.join(names())}.",
        )
    return importlib.import_module(f"{architectures.__name__}.{name}")
