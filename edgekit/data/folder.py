"""Which image has which label: by the folder it lies in, or by a labels.csv."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from edgekit.data.dataset import class_count, listed
from edgekit.errors import DataError

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}
)
"""What Keras and torchvision take from class folders."""
_KINDS = ", ".join(sorted(IMAGE_SUFFIXES))


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Image files and their labels [n]; `classes` is None when the labels are bare numbers."""

    files: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...] | None


def class_folders(path: Path) -> Listing:
    """One folder per class; classes are numbered in the order of their sorted names."""
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not _hidden(entry))
    images = [_images_in(folder) for folder in folders]
    found = [(file, label) for label, files in enumerate(images) for file in files]
    empty = [folder.name for folder, files in zip(folders, images, strict=True) if not files]
    if not found:
        raise DataError(
            f"{path} has no class folders with images in them",
            hint="Put the images of each class into a folder of that name, or add a labels.csv "
            f"with the columns file,label. Images end in {_KINDS}.",
        )
    if empty:
        raise DataError(
            f"{path}: no images in {listed(empty)}",
            hint=f"Remove empty folders. Images end in {_KINDS}.",
        )
    files, labels = zip(*found, strict=True)
    return Listing(files, np.array(labels, np.int64), tuple(folder.name for folder in folders))


def _images_in(folder: Path) -> list[Path]:
    """Those of the folders in it, too. Raises `OSError` for a folder that cannot be read."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _hidden(Path(name))]
        files = (Path(place, name) for name in names)
        found += (file for file in files if _is_image(file))
    return sorted(found)


def _raise(error: OSError) -> NoReturn:
    raise error


def _is_image(file: Path) -> bool:
    return (
        file.suffix.lower() in IMAGE_SUFFIXES
        and not _hidden(file)
        and (file.is_file() or not file.exists())  # a link to nothing is named when it is read
    )


def _hidden(path: Path) -> bool:
    """Whether it is no data: hidden, or the shadow of a file that macOS puts into a zip."""
    return path.name.startswith(".") or path.name == "__MACOSX"


def labels_csv(path: Path) -> Listing:
    """The rows of `labels.csv`: `file` beside it, `label` a number or a class name.

    A column `name` names the numbers.
    """
    rows = _rows(path / "labels.csv")
    files = tuple(path / row["file"] for row in rows)
    missing = [row["file"] for row, file in zip(rows, files, strict=True) if not _is_file(file)]
    if missing:
        raise DataError(
            f"{path}: {len(missing)} of {len(rows)} images are missing: {listed(missing)}",
            hint="The column file names images from that folder on; add them, or drop their lines.",
        )
    texts = [row["label"].strip() for row in rows]
    _refuse_two_labels(path, files, texts)
    if all(text.lstrip("-").isdecimal() for text in texts):
        labels = _numbers(path, texts)
        return Listing(files, labels, _names(path, rows, labels))
    classes = tuple(sorted(set(texts)))
    number = {name: index for index, name in enumerate(classes)}
    return Listing(files, np.array([number[text] for text in texts], np.int64), classes)


def _refuse_two_labels(path: Path, files: Sequence[Path], texts: Sequence[str]) -> None:
    first: dict[Path, str] = {}
    torn = [file for file, text in zip(files, texts, strict=True)
            if first.setdefault(file, text) != text]  # fmt: skip
    if torn:
        raise DataError(
            f"{path}: {len(torn)} of {len(files)} lines give an image "
            f"another label: {listed(torn)}",
            hint="Keep one line per image.",
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no name of a file: far too long
        return False


def _numbers(path: Path, texts: Sequence[str]) -> npt.NDArray[np.int64]:
    try:
        return np.array([int(text) for text in texts], np.int64)
    except (ValueError, OverflowError):
        raise DataError(f"{path / 'labels.csv'}: a label is not a class number") from None


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            columns, rows = reader.fieldnames or (), list(reader)
    except UnicodeDecodeError:
        raise DataError(f"{path} is not in UTF-8", hint="Save it as UTF-8.") from None
    except (OSError, csv.Error) as error:
        raise DataError(f"cannot read {path}: {error}") from None
    missing = {"file", "label"} - set(columns)
    if missing:
        raise DataError(
            f"{path} has no column {' and no column '.join(sorted(missing))}",
            hint="Its first line names the columns: file,label",
        )
    if not rows:
        raise DataError(f"{path} lists no images")
    short = [str(n) for n, row in enumerate(rows, 2) if not row["file"] or not row["label"]]
    if short:
        raise DataError(f"{path}: file or label missing in line {listed(short)}")
    return rows


def _names(
    path: Path, rows: list[dict[str, str]], labels: npt.NDArray[np.int64]
) -> tuple[str, ...] | None:
    if "name" not in rows[0] or labels.min() < 0:
        return None
    names = [str(number) for number in range(class_count(path.name, labels))]
    for row, label in zip(rows, labels.tolist(), strict=True):
        names[label] = row["name"] or names[label]
    return tuple(names)
