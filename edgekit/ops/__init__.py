"""The ops that the compiler knows: one module each, found by listing this folder."""
