"""Bytes to and from a board (serial, pty, TCP, fake), and the client that speaks frames."""

from edgekit.link.link import Link
from edgekit.link.opening import open_link

__all__ = ["Link", "open_link"]
