"""What happened in an emulated board, for the user and for the log of its process."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

_NOTES_LIMIT = 100


@dataclass(slots=True)
class Log:
    """What happened that the user may want to know: every message once, in order."""

    notes: dict[str, None] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def note(self, message: str) -> None:
        """Something that a real board would not do, or that is not emulated."""
        if message not in self.notes and len(self.notes) < _NOTES_LIMIT:
            self.notes[message] = None
            print(message, file=sys.stderr, flush=True)  # noqa: T201 - the child's own log

    def fault(self, message: str) -> None:
        """A fault that the firmware's own handler got."""
        self.faults.append(message)
        print(message, file=sys.stderr, flush=True)  # noqa: T201 - the child's own log
