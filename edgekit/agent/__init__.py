"""The program that runs a model on a Linux board and speaks frames over SSH, pipes, serial ports.

It travels alone: `edgekit.build.agent` packs this package, `edgekit.protocol` and one model into a
single file that any Python 3.10 with LiteRT runs. So nothing here may import anything else of ours.
"""
