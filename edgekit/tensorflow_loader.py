"""TensorFlow, loaded late and kept quiet: it costs seconds to import and talks on every call."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import IO

from edgekit.errors import MissingToolError


def tensorflow(purpose: str) -> ModuleType:
    """The TensorFlow module. Raises `MissingToolError`, naming `purpose`, when it is not there."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with quiet():
            for talker in ("tensorflow", "absl", "matplotlib"):  # Keras imports the last
                logging.getLogger(talker).setLevel(logging.ERROR)
            return importlib.import_module("tensorflow")
    except ImportError as error:
        raise MissingToolError(
            f"{purpose} needs TensorFlow, which cannot be imported: {error}",
            hint='Install it with: pip install "edgekit[keras]"',
        ) from None


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that TensorFlow's C++ side writes to descriptors 1 and 2 is seen in here.

    `sys.stdout` and `sys.stderr` still reach the terminal, so progress bars go on.
    """
    with contextlib.ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sink = stack.enter_context(tempfile.TemporaryFile())
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            stack.enter_context(_diverted(name, descriptor, sink))
        yield


@contextlib.contextmanager
def _diverted(name: str, descriptor: int, sink: IO[bytes]) -> Iterator[None]:
    stream = getattr(sys, name)
    stream.flush()
    kept = os.dup(descriptor)
    os.dup2(sink.fileno(), descriptor)
    with open(kept, "w", buffering=1, closefd=False) as terminal:
        if _writes_to(stream, descriptor):
            setattr(sys, name, terminal)
        try:
            yield
        finally:
            setattr(sys, name, stream)
            terminal.flush()
            os.dup2(kept, descriptor)
            os.close(kept)


def _writes_to(stream: IO[str], descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (io.UnsupportedOperation, AttributeError, ValueError):
        return False
