"""Room for many images: in memory, or in a file that memory needs not hold."""

from __future__ import annotations

import mmap
import os
import tempfile

import numpy as np
import numpy.typing as npt

from edgekit.errors import InputError
from edgekit.paths import cache_folder
from edgekit.units import format_bytes

MOST_IN_MEMORY_BYTES = 1 << 30


def images_array(shape: tuple[int, int, int, int]) -> npt.NDArray[np.uint8]:
    """Room for images [n, h, w, c] uint8.

    Above `MOST_IN_MEMORY_BYTES` it is a file in the cache folder that has no name any more: the
    system keeps in memory what is being used, and the file is gone with the array, however the
    process ends. Raises `InputError` when the disk has not that much room.
    """
    size = int(np.prod(shape, dtype=np.int64))
    if size <= MOST_IN_MEMORY_BYTES:
        return np.empty(shape, np.uint8)
    with tempfile.TemporaryFile(dir=cache_folder()) as file:
        try:
            # Or else a full disk would be a signal in the middle of writing, not an error here.
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise InputError(
                f"the images take {format_bytes(size)}, for which there is no room in "
                f"{cache_folder()}: {error.strerror}",
                hint="Make room, or set XDG_CACHE_HOME to a folder that has some.",
            ) from None
        mapped = mmap.mmap(file.fileno(), size)
    return np.frombuffer(mapped, np.uint8).reshape(shape)
