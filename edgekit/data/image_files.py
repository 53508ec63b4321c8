"""Image files into one uint8 array: a quarter of what floats would take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from edgekit.artifacts import Resize
from edgekit.data.dataset import RESIZE_HINT, listed
from edgekit.data.resizing import resized
from edgekit.data.storage import images_array
from edgekit.errors import DataError

Progress = Callable[[str, int, int], None]

_GREY = frozenset({"1", "L", "LA"})
_DEEP = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})  # would be cut off at 255
_TOO_DEEP = "more than 8 bits per value"
_MODES = {1: "L", 3: "RGB"}


def read_images(
    files: Sequence[Path],
    *,
    resize: tuple[int, int] | None,
    channels: int | None,
    method: Resize = "crop",
    progress: Progress | None,
) -> npt.NDArray[np.uint8]:
    """Images [n, h, w, c] uint8, grey (c = 1) when all files are, else RGB.

    Raises `DataError` naming all unreadable files, or the sizes when there are several.
    """
    if channels is not None and channels not in _MODES:
        raise DataError(f"channels is 1 (grey) or 3 (colour), not {channels}")
    size, grey = _survey(files)
    mode = _MODES[channels or (1 if grey else 3)]
    height, width = resize or _only_size(size)
    images = images_array((len(files), height, width, len(mode)))

    def read(number: int) -> str | None:
        try:
            images[number] = _decode(files[number], mode, (height, width), method)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            return f"{files[number]} ({error})"
        return None

    broken = []
    with ThreadPoolExecutor() as pool:
        for done, found in enumerate(pool.map(read, range(len(files))), 1):
            broken += [found] if found else []
            if progress:
                progress("reading images", done, len(files))
    _refuse(broken, len(files))
    return images


def _decode(file: Path, mode: str, size: tuple[int, int], method: Resize) -> npt.NDArray[np.uint8]:
    with Image.open(file) as image:
        pixels = resized(image.convert(mode), *size, method)
    return np.asarray(pixels, np.uint8).reshape(*size, len(mode))


def _survey(files: Sequence[Path]) -> tuple[Counter[tuple[int, int]], bool]:
    """How often each (height, width) occurs, and whether all are grey: from the headers alone."""
    sizes: Counter[tuple[int, int]] = Counter()
    grey, broken = True, []
    for file in files:
        try:
            with Image.open(file) as image:
                if image.mode in _DEEP:
                    broken.append(f"{file} ({_TOO_DEEP})")
                sizes[image.height, image.width] += 1
                grey = grey and image.mode in _GREY
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            broken.append(f"{file} ({error})")
    _refuse(broken, len(files))
    return sizes, grey


def _refuse(broken: Sequence[str], total: int) -> None:
    if broken:
        raise DataError(
            f"{len(broken)} of {total} images cannot be read: {listed(broken)}",
            hint="Remove or repair these files; save those of more than 8 bits with 8."
            if any(_TOO_DEEP in name for name in broken)
            else "Remove or repair these files.",
        )


def _only_size(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) > 1:
        found = [f"{height}×{width} ({count})" for (height, width), count in sizes.most_common()]
        raise DataError(
            f"the images have {len(sizes)} sizes: {listed(found)}",
            hint=RESIZE_HINT,
        )
    return next(iter(sizes))
