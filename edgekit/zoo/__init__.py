"""Architectures for small devices, one file each, with the papers' metaparameters.

model = build("mobilenet_v1", alpha=0.25, resolution=96, classes=2)
save(model, Path("person.keras"))
"""

from edgekit.zoo.catalogue import (
    build,
    counts,
    describe,
    entries,
    metaparameters,
    names,
    require_keras_file,
    save,
)

__all__ = [
    "build",
    "counts",
    "describe",
    "entries",
    "metaparameters",
    "names",
    "require_keras_file",
    "save",
]
