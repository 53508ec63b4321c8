"""Firmware: find a compiler, compile, link, measure, write UF2."""
