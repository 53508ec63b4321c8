"""One file per architecture, and nothing else: what lies here is what the zoo has.

Each has a function `network`, whose keyword arguments are the metaparameters, and `VARIANTS`, the
rows of its paper's tables.
"""
