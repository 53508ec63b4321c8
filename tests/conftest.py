"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

# Every run draws the same examples, so that what is red stays red; EDGEKIT_FUZZ=1 draws new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None)
settings.load_profile("fuzz" if os.environ.get("EDGEKIT_FUZZ") else "repeatable")

_SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, as many tests wait for a line or a board."""
    return (psutil.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real models and images that developers have beside the checkout, and users have not."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"needs the development data in {_SHARED_DATA}")
    return _SHARED_DATA
