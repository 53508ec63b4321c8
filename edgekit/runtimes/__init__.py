"""Interpreters on this machine: LiteRT, TFLM, and our own C compiled for the host."""
