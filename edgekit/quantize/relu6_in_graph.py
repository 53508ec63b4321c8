"""One pass over the calibration images that tallies every ReLU6 inside TensorFlow's graph.

Only a few numbers per channel leave the graph: half the time of fetching the activations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgekit.artifacts import Relu6Stats
from edgekit.frontends import TensorFlowModel
from edgekit.frontends.float_model import Floats
from edgekit.quantize.relu6 import HISTOGRAM_BINS, HISTOGRAM_RANGE, Tally, layer_name
from edgekit.tensorflow_loader import quiet, tensorflow

_BATCH = 10


def observe(
    model: TensorFlowModel,
    images: Callable[[int, int], Floats],
    count: int,
    seen: Callable[[], None],
) -> tuple[Relu6Stats, ...]:
    """The statistics of every ReLU6 over `count` inputs; `images(start, stop)` gives a batch."""
    tf = tensorflow("checking ReLU6 layers")
    frozen = model.frozen(batch=model.batch)
    nodes = [node for node in frozen.graph.get_operations() if _is_layer(tf, node)]
    if not nodes:
        return ()
    tallies = [Tally(layer_name(node.name)) for node in nodes]
    with quiet():
        before = frozen.prune(frozen.inputs[:1], [node.inputs[0] for node in nodes])
        reduced = tf.function(lambda x: [_reduce(tf, values) for values in before(x)])
        step = model.batch or _BATCH
        for start in range(0, count, step):
            batch = images(start, min(start + step, count))
            for tally, parts in zip(tallies, reduced(tf.constant(batch)), strict=True):
                size, clipped, low, high, counts = (part.numpy() for part in parts)
                tally.add(int(size), int(clipped), low, high, counts)
            for _ in batch:
                seen()
    return tuple(tally.stats() for tally in tallies)


def _is_layer(tf: Any, node: Any) -> bool:
    """Whether a node is a ReLU6, and not the inside of a hard sigmoid, relu6(x + 3) / 6.

    There, clipping is the very purpose; MobileNetV3 has dozens and no ReLU6.
    """
    if node.type != "Relu6":
        return False
    before = node.inputs[0].op
    if before.type not in ("Add", "AddV2"):
        return True
    added = (tf.get_static_value(value) for value in before.inputs)
    return not any(value is not None and value.size == 1 and value == 3 for value in added)


def _reduce(tf: Any, values: Any) -> tuple[Any, ...]:
    """Size, number above 6, extremes per channel and histogram of values [..., channels]."""
    axes = list(range(values.shape.rank - 1))
    return (
        tf.size(values),
        tf.reduce_sum(tf.cast(values > 6, tf.int32)),
        tf.reduce_min(values, axis=axes),
        tf.reduce_max(values, axis=axes),
        tf.histogram_fixed_width(values, list(HISTOGRAM_RANGE), nbins=HISTOGRAM_BINS),
    )
