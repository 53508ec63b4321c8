"""Where each tensor lies in the arena, and when."""

from edgekit.planner.memory import Placement, Plan, plan

__all__ = ["Placement", "Plan", "plan"]
