"""The RP2040's peripherals, one per file, and what they have in common."""
