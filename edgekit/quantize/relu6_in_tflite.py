"""One pass over the calibration images that tallies every ReLU6 of a float `.tflite`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import Relu6Stats
from edgekit.frontends.float_model import Floats
from edgekit.quantize.relu6 import HISTOGRAM_BINS, HISTOGRAM_RANGE, Tally, layer_name
from edgekit.tensorflow_loader import quiet
from edgekit.tflite.unfusing import unfuse_relu6


def observe(
    model: bytes, name: str, images: Iterable[Floats], seen: Callable[[], None]
) -> tuple[Relu6Stats, ...]:
    """The statistics of every ReLU6 over inputs [h, w, c], values taken before the clip."""
    unfused, clamps = unfuse_relu6(model, name)
    if not clamps:
        return ()
    tallies = [Tally(layer_name(clamp.name)) for clamp in clamps]
    with quiet():
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        # Without the default delegate, which keeps what lies between ops to itself.
        interpreter = Interpreter(
            model_content=unfused,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        interpreter.allocate_tensors()
        entrance = interpreter.get_input_details()[0]["index"]
        for image in images:
            interpreter.set_tensor(entrance, image[None])
            interpreter.invoke()
            for tally, clamp in zip(tallies, clamps, strict=True):
                _add(tally, interpreter.get_tensor(clamp.before))
            seen()
    return tuple(tally.stats() for tally in tallies)


def _add(tally: Tally, values: npt.NDArray[np.float32]) -> None:
    by_channel = values.reshape(-1, values.shape[-1])
    low, high = HISTOGRAM_RANGE
    counts, _ = np.histogram(np.clip(by_channel, low, high), HISTOGRAM_BINS, HISTOGRAM_RANGE)
    tally.add(
        values.size,
        int((by_channel > 6).sum()),
        by_channel.min(axis=0),
        by_channel.max(axis=0),
        counts,
    )
