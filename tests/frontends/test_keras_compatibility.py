"""Models that a newer Keras wrote."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from edgekit import example, frontends


def test_settings_of_initializers_that_this_keras_does_not_know_are_passed_over(
    tmp_path: Path,
) -> None:
    newer = tmp_path / "newer.keras"
    with zipfile.ZipFile(example.model_path()) as source, zipfile.ZipFile(newer, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                uniform = b'"class_name": "GlorotUniform", "config": {'
                assert uniform in data
                data = data.replace(uniform, uniform + b'"of_tomorrow": 7, ')
            target.writestr(name, data)
    image = np.random.default_rng(0).uniform(-1, 1, (3, 32, 32, 1)).astype(np.float32)
    expected = frontends.load(example.model_path()).predict(image)
    np.testing.assert_array_equal(frontends.load(newer).predict(image), expected)
