"""Rules that an int8 model must keep, one function each, and the verdict per board."""

from edgekit.checks.checking import RULES, check
from edgekit.checks.dynamic import compare
from edgekit.checks.fit import Needs, require_room
from edgekit.checks.rules import Rule

__all__ = ["RULES", "Needs", "Rule", "check", "compare", "require_room"]
