"""Graph → graph: what need not be computed, copied or kept is taken out; every byte stays."""

from edgekit.passes.pipeline import Stage, optimize

__all__ = ["Stage", "optimize"]
