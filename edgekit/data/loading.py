"""Finds out what kind of data lies at a path, and reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgekit.artifacts import Resize
from edgekit.data.class_names import renumbered
from edgekit.data.dataset import Dataset, make_dataset
from edgekit.data.folder import Listing, class_folders, labels_csv
from edgekit.data.image_files import Progress, read_images
from edgekit.data.npz import read_npz
from edgekit.data.resizing import resized_arrays
from edgekit.errors import DataError

_KINDS = "a folder of class folders, a folder with labels.csv, or an .npz with x and y"


@dataclass(frozen=True, slots=True)
class Source:
    """Where labelled images lie, and how those of another size are made to fit, if at all.

    `classes` are the model's where they are known: labels count into them, by their names.
    """

    path: Path
    resize: Resize | None = None
    classes: tuple[str, ...] = ()

    def load(self, shape: tuple[int, int, int], progress: Progress | None = None) -> Dataset:
        """The images, for a model that takes `shape` (height, width, channels).

        Raises as `edgekit.data.load`. Images that do not fit pass when no resizing is wanted:
        `Dataset.require_fit` says so with both sizes.
        """
        if self.resize is None:
            return renumbered(load(self.path, progress=progress), self.classes)
        height, width, channels = shape
        found = load(
            self.path,
            resize=(height, width),
            channels=channels if channels in (1, 3) else None,
            method=self.resize,
            progress=progress,
        )
        return renumbered(found, self.classes)


def _listing(path: Path) -> Listing | None:
    """The image files of a folder; None for an .npz."""
    if not path.exists():
        raise DataError(f"there is no {path}", hint=f"Data is {_KINDS}.")
    if path.suffix.lower() == ".npz":
        return None
    if not path.is_dir():
        raise DataError(f"{path} is neither a folder nor an .npz", hint=f"Data is {_KINDS}.")
    return labels_csv(path) if (path / "labels.csv").is_file() else class_folders(path)


def load(
    path: Path,
    *,
    resize: tuple[int, int] | None = None,
    channels: int | None = None,
    method: Resize = "crop",
    progress: Progress | None = None,
) -> Dataset:
    """The labelled images at `path`: a folder of class folders, one with labels.csv, or an .npz.

    `resize` (height, width) makes images of any size fit by `method`; without it images of several
    sizes are an error. `channels` (1 grey or 3 colour) is for image files. `progress` is called as
    (what is being done, images done, of how many).

    Raises `DataError` for whatever is wrong with the data, all broken images at once.
    """
    try:
        listing = _listing(path)
    except OSError as error:
        raise DataError(f"cannot read {error.filename or path}: {error.strerror}") from None
    if listing is None:
        images, labels, classes = read_npz(path)
        if resize is not None:
            images = resized_arrays(path.name, images, resize, method)
        return make_dataset(path.name, images, labels, classes)
    images = read_images(
        listing.files, resize=resize, channels=channels, method=method, progress=progress
    )
    return make_dataset(path.name, images, listing.labels, listing.classes)
