"""Boards as data: the schema of `boards/<id>.toml`, and the loader."""

from edgekit.boards.loader import cores, identifiers, load, load_file
from edgekit.boards.schema import Board, Core, Memory

__all__ = ["Board", "Core", "Memory", "cores", "identifiers", "load", "load_file"]
