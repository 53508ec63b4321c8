from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from support import artifacts as made

from edgekit import artifacts
from edgekit.errors import InputError
from edgekit.flows.codegen import load_compiled, whole_sources


@pytest.mark.parametrize("source", ["../secret.c", "/etc/secret.c", "sub/model.c", ".."])
def test_sources_outside_their_folder_are_refused(tmp_path: Path, source: str) -> None:
    compiled = made.compiled()
    artifacts.save(compiled, tmp_path / "model.json")
    assert load_compiled(tmp_path) == compiled
    hostile = msgspec.structs.replace(compiled, sources=("model.c", source))
    artifacts.save(hostile, tmp_path / "model.json")
    with pytest.raises(InputError, match="names a source outside its folder"):
        load_compiled(tmp_path)


def test_a_folder_that_lacks_sources_is_refused(tmp_path: Path) -> None:
    artifacts.save(
        msgspec.structs.replace(made.compiled(), sources=("a.c", "b.h")), tmp_path / "model.json"
    )
    (tmp_path / "a.c").write_text("")
    with pytest.raises(InputError, match=r"lacks b\.h, which"):
        whole_sources(tmp_path)
    (tmp_path / "b.h").write_text("")
    assert whole_sources(tmp_path).sources == ("a.c", "b.h")
