"""Kernels for cores with MVE."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.ops.variants import Variant

VARIANTS: Mapping[str, Variant] = {}
"""By the function of the portable kernel."""
