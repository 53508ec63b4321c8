"""The RP2040 on Unicorn, with a cycle model of the Cortex-M0+.

Unicorn is GPL: this package runs as a process of its own (`python -m edgekit.emulate.unicorn`)
and is never imported by the rest of edgekit.
"""
