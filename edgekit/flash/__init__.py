"""Getting an image onto a board, one method per module."""
