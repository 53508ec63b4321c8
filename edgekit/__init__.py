"""edgekit: from a trained CNN to int8 numbers measured on a board."""

__version__ = "0.1.0"
