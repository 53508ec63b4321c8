"""Every error a user can meet, as one tree.

    EdgekitError                    what happened, a hint, an exit code
    ├─ InputError              2    what the user gave is wrong
    │  ├─ ModelError                a model cannot be read, or is not what it should be
    │  │  └─ UnsupportedModelError  ops or forms that cannot be compiled, all of them at once
    │  ├─ DataError                 images, labels or preprocessing are wrong
    │  └─ BoardError                no such board, or its file is wrong
    ├─ LimitError              1    a check failed, or a limit was passed
    │  └─ DoesNotFitError           too large for the board
    ├─ ToolError               3    a program we ran failed
    │  └─ MissingToolError          a program or package is not installed
    └─ DeviceError             3    a board, real or emulated, or the way to it failed
       ├─ NoDeviceError             nothing is plugged in, or more than one thing is
       ├─ PortBusyError             someone else holds the port
       ├─ LinkTimeoutError          the board stopped answering
       ├─ BoardCrashedError         its firmware hung or faulted, and it restarted by itself
       ├─ FlashError                the image was not written, or not as sent
       └─ WrongFirmwareError        the board runs another model or another protocol

Only `edgekit.cli` catches and prints these. `assert` is for our own bugs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class EdgekitError(Exception):
    """Anything that ends a command with one clear message.

    `message` says what happened, with numbers; `hint` says what to do about it.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(EdgekitError):
    """What the user gave is wrong: a path, an option, a file's contents."""

    exit_code = 2


class ModelError(InputError):
    """A model file cannot be read, or is not the kind of model that is asked for."""


class UnsupportedModelError(ModelError):
    """A model uses ops or forms that cannot be compiled; `problems` names each with its place."""

    def __init__(self, message: str, problems: Sequence[str], *, hint: str = "") -> None:
        super().__init__("\n".join([message, *(f"  {problem}" for problem in problems)]), hint=hint)
        self.problems = tuple(problems)


class DataError(InputError):
    """Images, labels or preprocessing are wrong, or do not suit the model."""


class BoardError(InputError):
    """There is no such board, or its file is wrong."""


class LimitError(EdgekitError):
    """A check failed, or a limit that the user set was passed."""

    exit_code = 1


class DoesNotFitError(LimitError):
    """The model is too large for the board; the message says by how much."""


class ToolError(EdgekitError):
    """A program that we ran failed; carries its command line and what it printed."""

    def __init__(
        self, message: str, *, command: Sequence[str] = (), stderr: str = "", hint: str = ""
    ) -> None:
        detail = [message]
        if command:
            detail.append(f"  command: {' '.join(command)}")
        if stderr.strip():
            detail.append("  " + "\n  ".join(stderr.strip().splitlines()[-20:]))
        super().__init__("\n".join(detail), hint=hint)
        self.command = tuple(command)
        self.stderr = stderr


class MissingToolError(ToolError):
    """A program or package is not installed; the hint is the command that installs it."""


class DeviceError(EdgekitError):
    """A board, real or emulated, or the way to it failed."""


class NoDeviceError(DeviceError):
    """No board is plugged in, or several are and none was named."""


class PortBusyError(DeviceError):
    """Someone else holds the port."""


class LinkTimeoutError(DeviceError):
    """The board did not answer in time."""


class BoardCrashedError(DeviceError):
    """The board's firmware hung or faulted, and its watchdog or fault handler restarted it."""


class FlashError(DeviceError):
    """The image was not written to the board, or reads back differently."""


class WrongFirmwareError(DeviceError):
    """The board runs the firmware of another model, or speaks another protocol version."""
