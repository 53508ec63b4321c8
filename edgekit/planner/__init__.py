"""Where each tensor lies in the arena, and when."""

from edgekit.planner.budget import Budget
from edgekit.planner.memory import Placement, Plan, plan

__all__ = ["Budget", "Placement", "Plan", "plan"]
