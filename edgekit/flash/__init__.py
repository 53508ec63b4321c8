"""Getting an image onto a board, one method per module."""

from edgekit.flash.flashing import flash
from edgekit.flash.job import Flashed, Progress

__all__ = ["Flashed", "Progress", "flash"]
