"""What TFLite lays down about scales, whatever calibrates."""

from __future__ import annotations

OWN_SCALE = frozenset({"LOGISTIC", "LOG_SOFTMAX", "L2_NORMALIZATION", "SOFTMAX", "TANH"})
"""Ops whose output's scale and zero point their kernels fix: of SOFTMAX 1/256 and -128, so that 1
itself lies beyond."""
