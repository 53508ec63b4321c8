"""Boards as data: the schema of `boards/<id>.toml`, and the loader."""
