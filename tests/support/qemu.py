"""What tests need of QEMU, and why they are skipped without it."""

from __future__ import annotations

import shutil

import pytest

BOARDS = ("mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547")
"""Cortex-M3, M4, M7, M33, M55."""

NEEDS_QEMU = pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None, reason="needs QEMU: apt-get install qemu-system-arm"
)
