"""Float model to int8: calibration, ReLU6 statistics, repairs, conversion."""
