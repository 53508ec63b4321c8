"""int8 models at full speed on this machine, with the bytes that generated C gives on a board.

A model runs as a list of kernel calls, the very ones that it compiles to. Each kernel is compiled
once per machine, with its parameters open, and kept; convolutions have forms of their own for CPUs
with wide registers (kernels/host/). So nothing is compiled per model, and models that differ only
in their numbers start at once.
"""

from edgekit.runtimes.native.model import NativeModel

__all__ = ["NativeModel"]
