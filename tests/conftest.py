"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real models and images that developers have beside the checkout, and users have not."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"needs the development data in {_SHARED_DATA}")
    return _SHARED_DATA
