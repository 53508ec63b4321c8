"""The rules of TensorFlow Lite Micro: asked of its own interpreter, on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.artifacts import Finding
from edgekit.checks.subject import Subject
from edgekit.errors import ModelError
from edgekit.runtimes import tflm


def tflm_arena(subject: Subject) -> Iterator[Finding]:
    """TensorFlow Lite Micro is installed here, so that the size of its arena is known."""
    if not tflm.available():
        yield Finding(
            rule="tflm_arena",
            severity="info",
            where=subject.name,
            message="tflite-micro is not installed, so the arena's size is not known",
            hint="pip install 'edgekit[tflm]'",
        )


def tflm_refuses(subject: Subject) -> Iterator[Finding]:
    """TensorFlow Lite Micro's interpreter takes the model: ops, forms and types."""
    arena = subject.tflm_arena
    if isinstance(arena, ModelError):
        lines = arena.message.splitlines()
        yield Finding(
            rule="tflm_refuses",
            severity="error",
            where=subject.name,
            message=" ".join(line.strip() for line in (lines[0], *lines[-1:])),
            hint=arena.hint,
        )
