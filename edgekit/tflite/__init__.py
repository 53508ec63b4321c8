"""The .tflite format: reading it into the IR, and small rewrites of it."""
