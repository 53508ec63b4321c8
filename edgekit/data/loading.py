"""Finds out what kind of data lies at a path, and reads it."""

from __future__ import annotations

from pathlib import Path

from edgekit.data.dataset import Dataset, make_dataset
from edgekit.data.folder import class_folders, labels_csv
from edgekit.data.image_files import Progress, read_images
from edgekit.data.npz import read_npz
from edgekit.errors import DataError

_KINDS = "a folder of class folders, a folder with labels.csv, or an .npz with x and y"


def load(
    path: Path,
    *,
    resize: tuple[int, int] | None = None,
    channels: int | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """The labelled images at `path`: a folder of class folders, one with labels.csv, or an .npz.

    `resize` (height, width; bilinear) and `channels` (1 grey or 3 colour) are for image files;
    without them nothing is converted, and images of several sizes are an error. `progress` is
    called as (what is being done, images done, of how many).

    Raises `DataError` for whatever is wrong with the data, all broken images at once.
    """
    if not path.exists():
        raise DataError(f"there is no {path}", hint=f"Data is {_KINDS}.")
    if path.suffix.lower() == ".npz":
        if resize or channels:
            raise DataError(f"{path} is an .npz: its images are taken as they are")
        return make_dataset(path.name, *read_npz(path))
    if not path.is_dir():
        raise DataError(f"{path} is neither a folder nor an .npz", hint=f"Data is {_KINDS}.")
    listing = labels_csv(path) if (path / "labels.csv").is_file() else class_folders(path)
    images = read_images(listing.files, resize=resize, channels=channels, progress=progress)
    return make_dataset(path.name, images, listing.labels, listing.classes)
