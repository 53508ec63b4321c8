"""Labelled images, from a folder or an .npz, and how their pixels become a model's input.

dataset = load(Path("photos"))
calibration, evaluation = split(len(dataset), 100, seed=0, labels=dataset.labels)
x = apply(preprocess("tf"), dataset.images[calibration])
"""

from edgekit.data.class_names import named, renumbered
from edgekit.data.dataset import Dataset
from edgekit.data.loading import Source, load
from edgekit.data.preprocessing import NAMED, apply, as_stored, describe, preprocess
from edgekit.data.splitting import default_calibration, split

__all__ = [
    "NAMED",
    "Dataset",
    "Source",
    "apply",
    "as_stored",
    "default_calibration",
    "describe",
    "load",
    "named",
    "preprocess",
    "renumbered",
    "split",
]
