"""Trained models in, whatever their format: Keras 3, legacy .h5, SavedModel, float .tflite."""
