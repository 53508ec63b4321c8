from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from edgekit import frontends
from edgekit.errors import ModelError


@pytest.mark.parametrize("config", [b"[" * 200_000, b'{"a":' * 200_000, b"[1, 2"])
def test_a_description_that_is_no_json_or_nests_without_end_is_corrupt(
    tmp_path: Path, config: bytes
) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", config)
    with pytest.raises(ModelError, match=r"m\.keras is corrupt: its model description"):
        frontends.load(tmp_path / "m.keras")
