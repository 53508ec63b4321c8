"""Arm's MPS2 and MPS3 boards on QEMU, where one instruction takes 64 ns of emulated time.

Runs as a process of its own (`python -m edgekit.emulate.qemu`), which runs QEMU in another.
"""
