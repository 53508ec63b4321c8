"""Rules that an int8 model must keep, one function each, and the verdict per board."""

from edgekit.checks.checking import DESCRIPTIONS, RULES, Severity, check
from edgekit.checks.fit import Needs, require_room
from edgekit.checks.rules import Rule
from edgekit.checks.subject import Answers
from edgekit.checks.thresholds import BOUNDS, Thresholds

__all__ = [
    "BOUNDS",
    "DESCRIPTIONS",
    "RULES",
    "Answers",
    "Needs",
    "Rule",
    "Severity",
    "Thresholds",
    "check",
    "require_room",
]
