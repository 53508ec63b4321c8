"""Labelled images in an .npz: `x` [n, h, w, c], `y` [n], and, if wanted, `classes` [k] names."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import DataError


def read_npz(
    path: Path,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], tuple[str, ...] | None]:
    """Images, labels, and class names when the file has them.

    Raises `DataError` when the file is broken or lacks `x` or `y`.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            missing = {"x", "y"} - set(archive.files)
            if missing:
                found = f"only {', '.join(archive.files)}" if archive.files else "it is empty"
                raise DataError(
                    f"{path} has no {' and no '.join(sorted(missing))}, {found}",
                    hint="Save it with np.savez(path, x=images, y=labels).",
                )
            names = archive["classes"] if "classes" in archive.files else None
            classes = None if names is None else tuple(map(str, names.ravel()))
            return archive["x"], archive["y"], classes
    except DataError:
        raise
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} is not a readable .npz: {_why(error)}",
            hint="Save it with np.savez(path, x=images, y=labels), both arrays of numbers.",
        ) from None
    except (AttributeError, TypeError):  # np.load returns a bare array for .npy content
        raise DataError(f"{path} holds one bare array, wanted an .npz with x and y") from None


def _why(error: Exception) -> str:
    """What NumPy says, without its advice to load pickles, which may run any code."""
    return "it holds Python objects or text" if "allow_pickle" in str(error) else str(error)
