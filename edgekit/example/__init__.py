"""The embedded example: a trained model and real images, so that anyone can start."""
