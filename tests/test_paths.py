from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit import paths
from edgekit.errors import InputError


@pytest.mark.skipif(sys.platform != "linux", reason="the variables are those of Linux")
@pytest.mark.parametrize(
    ("folder", "variable"),
    [(paths.cache_folder, "XDG_CACHE_HOME"), (paths.state_folder, "XDG_STATE_HOME")],
)
def test_a_folder_that_cannot_be_made_is_named_with_what_moves_it(
    folder: Callable[[], Path], variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv(variable, str(blocked))
    with pytest.raises(InputError, match=f"cannot make the folder {blocked}") as caught:
        folder()
    assert variable in caught.value.hint
    monkeypatch.setenv(variable, str(tmp_path / "other"))
    assert folder().is_dir()
