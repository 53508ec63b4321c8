"""What is installed, what is missing, and the command that installs it."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from edgekit.artifacts import Record

_PYTHON_MINIMUM = (3, 10)


class Item(Record, frozen=True):
    """One thing that edgekit can use; `found` is its version or place, null when it is missing."""

    name: str
    purpose: str
    found: str | None
    needed: bool
    install: str


class Diagnosis(Record, frozen=True):
    """All items; `ok` when nothing that is needed everywhere is missing."""

    ok: bool
    platform: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    purpose: str
    find: Callable[[str], str | None]
    install: str
    needed: bool = False


def diagnose() -> Diagnosis:
    """Looks at this machine, without importing or running anything heavy."""
    items = tuple(_look(wanted) for wanted in _WANTED)
    return Diagnosis(
        ok=all(item.found is not None for item in items if item.needed),
        platform=f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        items=items,
    )


def _look(wanted: _Wanted) -> Item:
    return Item(
        name=wanted.name,
        purpose=wanted.purpose,
        found=wanted.find(wanted.name),
        needed=wanted.needed,
        install=wanted.install,
    )


def _package(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


_WANTED = (
    _Wanted("ai-edge-litert", "run int8 models on this machine", _package,
            "pip install ai-edge-litert", needed=True),
    _Wanted("numpy", "arrays", _package, "pip install numpy", needed=True),
    _Wanted("pyserial", "talk to boards", _package, "pip install pyserial", needed=True),
    _Wanted("tensorflow", "read and quantize Keras models", _package,
            "pip install 'edgekit[keras]'"),
    _Wanted("onnx2tf", "read .onnx models", _package, "pip install 'edgekit[onnx]'"),
    _Wanted("litert-torch", "read exported programs of PyTorch (.pt2)", _package,
            "pip install 'edgekit[torch]'"),
    _Wanted("tflite-micro", "TFLM on this machine: exact arena size, second opinion", _package,
            "pip install 'edgekit[tflm]'"),
    _Wanted("ziglang", "compile for boards and for this machine", _package,
            "pip install 'edgekit[zig]'"),
    _Wanted("arm-none-eabi-gcc", "compile for Arm boards (instead of ziglang)", shutil.which,
            "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"),
    _Wanted("cc", "compile for this machine (instead of ziglang)", shutil.which,
            "apt-get install gcc"),
    _Wanted("ssh", "reach a Raspberry Pi", shutil.which, "apt-get install openssh-client"),
    _Wanted("pyocd", "flash over SWD", _package, "pip install 'edgekit[pyocd]'"),
    _Wanted("openocd", "flash over SWD (instead of pyocd)", shutil.which,
            "apt-get install openocd"),
    _Wanted("unicorn", "the emulated Pico and Pico 2", _package, "pip install 'edgekit[emulator]'"),
    _Wanted("qemu-system-arm", "the emulated Cortex-M3, M4, M7, M33 and M55 boards", shutil.which,
            "apt-get install qemu-system-arm"),
    _Wanted("scikit-learn", "the images of the embedded example", _package,
            "pip install 'edgekit[example]'"),
)  # fmt: skip
