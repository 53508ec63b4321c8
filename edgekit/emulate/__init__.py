"""Emulated boards, one engine per package; each runs as a process of its own."""

from edgekit.emulate.engines import Engine, engine_of
from edgekit.emulate.image import flash_image
from edgekit.emulate.messages import Statistics
from edgekit.emulate.running import RunningBoard, start

__all__ = ["Engine", "RunningBoard", "Statistics", "engine_of", "flash_image", "start"]
