"""C sources: edgekit's own ahead-of-time C, and C arrays for TensorFlow Lite Micro."""
