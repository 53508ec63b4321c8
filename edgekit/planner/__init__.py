"""Where each tensor lies in the arena, and when."""
