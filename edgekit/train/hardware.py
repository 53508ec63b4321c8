"""What a training runs on: the first GPU that TensorFlow can use, or else the CPU."""

from __future__ import annotations

import contextlib
from pathlib import Path

from edgekit.artifacts import Record
from edgekit.tensorflow_loader import quiet, tensorflow

_NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
"""There on Linux when the driver of an NVIDIA GPU is loaded."""


class Hardware(Record, frozen=True):
    """The device's name, and what to do when a better one lies idle."""

    name: str
    advice: str | None = None


def hardware(driver: Path = _NVIDIA_DRIVER) -> Hardware:
    """Finds the device, and leaves a GPU's memory to others until it is needed.

    TensorFlow's wheels run on a GPU only beside NVIDIA's libraries, which are an extra of theirs:
    https://www.tensorflow.org/install/pip. `driver` is a file that tells of a GPU without them.
    Raises `MissingToolError` without TensorFlow.
    """
    config = tensorflow("training a model").config
    with quiet():
        found = config.list_physical_devices("GPU")
    if found:
        _grow(config, found)
        details = config.experimental.get_device_details(found[0])
        return Hardware(details.get("device_name", "GPU"))
    if driver.exists():
        return Hardware(
            "CPU",
            "this machine has an NVIDIA GPU that TensorFlow cannot use. Install what it lacks "
            'with: pip install "tensorflow[and-cuda]"',
        )
    return Hardware("CPU")


def _grow(config: object, devices: list[object]) -> None:
    """Takes a GPU's memory bit by bit, not all at once, unless it is in use already."""
    for device in devices:
        with contextlib.suppress(RuntimeError, ValueError):
            config.experimental.set_memory_growth(device, True)  # type: ignore[attr-defined]
