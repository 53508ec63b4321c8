"""Bytes to and from a board (serial, pty, TCP, fake), and the client that speaks frames."""
