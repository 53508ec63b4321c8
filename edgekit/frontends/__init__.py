"""Trained float models, from whatever file they come in.

A model format is one module: `keras_file.py` (.keras and legacy .h5), `saved_model.py`,
`float_tflite.py`, `onnx.py`, `torch.py`. TensorFlow is loaded when the first model that needs it is
read; the converters of the last two run in a process of their own.
"""

from edgekit.frontends.float_model import FloatModel
from edgekit.frontends.float_tflite import TfliteModel
from edgekit.frontends.keras_file import KerasModel
from edgekit.frontends.loading import load, require_there
from edgekit.frontends.tensorflow_model import TensorFlowModel

__all__ = ["FloatModel", "KerasModel", "TensorFlowModel", "TfliteModel", "load", "require_there"]
