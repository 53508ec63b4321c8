"""Rules that an int8 model must keep, one function each, and the verdict per board."""
