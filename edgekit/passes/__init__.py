"""Graph → graph: what need not be computed, copied or kept is taken out; every byte stays."""

from edgekit.passes.pipeline import EARLY_MEMORY, Stage, optimize

__all__ = ["EARLY_MEMORY", "Stage", "optimize"]
