"""Where an int8 model loses what its float model knew: which layers, how much, and why."""

from edgekit.quantize.diagnosis.diagnosing import IMAGES, PROBE_IMAGES, diagnose

__all__ = ["IMAGES", "PROBE_IMAGES", "diagnose"]
