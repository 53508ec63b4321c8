"""Emulated boards, one engine per module; each runs as a process of its own."""
