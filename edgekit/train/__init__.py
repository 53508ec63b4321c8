"""Training, for those who have images and no weights: enough to get going, not a framework.

history = train(model, Images(x, y), None, preprocess("tf"), Settings(epochs=20))
"""

from edgekit.train.hardware import Hardware, hardware
from edgekit.train.settings import Settings
from edgekit.train.splitting import split_classes
from edgekit.train.starting import again, fresh, take_over
from edgekit.train.state import StateFolder
from edgekit.train.training import Images, Report, best, train

__all__ = [
    "Hardware",
    "Images",
    "Report",
    "Settings",
    "StateFolder",
    "again",
    "best",
    "fresh",
    "hardware",
    "split_classes",
    "take_over",
    "train",
]
