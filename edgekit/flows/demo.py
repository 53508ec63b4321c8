"""The main job on the embedded example, on the emulated Pico."""

from __future__ import annotations

from pathlib import Path

from edgekit import example
from edgekit.flows.deploy import Deployment, Options, deploy
from edgekit.flows.progress import Progress, silent

BOARD = "pico"


def demo(*, output: Path | None = None, progress: Progress = silent) -> Deployment:
    """Deploys the handwritten digits that edgekit ships, into build/digits by default."""
    return deploy(
        example.model_path(),
        example.data_path(),
        BOARD,
        Options(preprocess=example.PREPROCESSING, emulate=True),
        output=output,
        progress=progress,
    )
