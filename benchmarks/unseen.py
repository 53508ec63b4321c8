"""Int8 of networks that edgekit was not tuned on: python benchmarks/unseen.py IMAGES.npz.

Trains small networks of the zoo on two thirds of the images, makes them int8 by TensorFlow's
converter and by edgekit's default, each calibrated on 100 of the other images, and lets those that
are left judge. As these are few, each is shown in ten views: as it is, shifted by three pixels to
four sides, and all of that mirrored. Standard errors are over images, not over views. Done for
several draws of the calibration images, and kept image by image, as the draws' judges overlap (see
unseen_results.py); when all is done, writes unseen.json beside this file, from which
docs/generate.py draws a table. Networks named after IMAGES.npz are measured alone; the others keep
their figures where those are of the same images.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from accuracy import Images, converted
from unseen_results import RESULTS, Draw, Each, Loss, Source, Unseen, load, spaced

from edgekit import data, frontends
from edgekit.artifacts import write_bytes
from edgekit.flows.train import train
from edgekit.flows.training_start import Start
from edgekit.quantize import quantize
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.running import scorer
from edgekit.train import Settings

NETWORKS: dict[str, tuple[str, dict[str, Any], int]] = {
    "MobileNetV1 0.5": ("mobilenet_v1", {"alpha": 0.5, "activation": "relu6"}, 12),
    "MobileNetV2 0.5": ("mobilenet_v2", {"alpha": 0.5}, 12),
    "MobileNetV3 small": ("mobilenet_v3", {"size": "small"}, 12),
    "ShuffleNetV1 0.5, 3 groups": ("shufflenet_v1", {"scale": 0.5, "groups": 3}, 12),
    "ShuffleNetV2 1.0": ("shufflenet_v2", {"scale": 1.0}, 12),
    "SqueezeNet 1.1": ("squeezenet", {"version": "1.1"}, 20),
    "Xception 0.25": ("xception", {"alpha": 0.25, "repeats": 2}, 8),
}
"""Architecture, metaparameters, epochs."""
SIDE, SHIFT, CALIBRATION, DRAWS = 64, 3, 100, 6


def main(images: Path, only: list[str]) -> None:
    """Trains, measures, prints a line per draw, and keeps the records."""
    with tempfile.TemporaryDirectory() as folder:
        source, learnt, rest = _divided(images, Path(folder))
        known = _known(source)
        for name in only or NETWORKS:
            path = _trained(name, learnt, Path(folder))
            known[name] = [_measured(name, path, rest, seed) for seed in range(DRAWS)]
    found = Unseen(source, tuple(draw for draws in known.values() for draw in draws))
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def _known(source: Source) -> dict[str, list[Draw]]:
    """What was kept of each network, where it saw the same images."""
    kept = load() if RESULTS.exists() else None
    draws = kept.draws if kept and kept.source == source else ()
    return {name: [draw for draw in draws if draw.network == name] for name in NETWORKS}


def _divided(images: Path, folder: Path) -> tuple[Source, Path, data.Dataset]:
    """Two thirds of the images as an .npz, and the others in the networks' size."""
    whole = data.load(images)
    kept, learnt = data.split(len(whole), len(whole) // 3, 0, labels=whole.labels)
    source = Source(images.name, images=len(whole), learnt=len(learnt), side=SIDE)
    paths = []
    for name, chosen in (("learnt.npz", learnt), ("rest.npz", kept)):
        paths.append(folder / name)
        np.savez(paths[-1], x=whole.images[chosen], y=whole.labels[chosen])
    return source, paths[0], data.Source(paths[1], "stretch").load((SIDE, SIDE, 3))


def _trained(name: str, learnt: Path, folder: Path) -> Path:
    architecture, metaparameters, epochs = NETWORKS[name]
    path = folder / f"{architecture}.keras"
    start = Start(architecture, {**metaparameters, "resolution": SIDE})
    record = train(start, learnt, path, Settings(epochs=epochs), resize="stretch")
    print(f"{name}: {100 * (record.validation_accuracy or 0):.1f} % in validation", flush=True)
    return path


def _measured(name: str, path: Path, rest: data.Dataset, seed: int) -> Draw:
    preprocessing = data.preprocess("tf")
    calibrating, judging = data.split(len(rest), CALIBRATION, seed, labels=rest.labels)
    made = quantize(path, rest, preprocessing, calibration=CALIBRATION, seed=seed)
    stock = converted(path, Images(rest, calibrating, "tf"))
    views = [data.apply(preprocessing, view) for view in _views(rest.images[judging])]
    labels = rest.labels[judging]
    exact, ours, theirs = (
        np.stack([scorer(model, name)(view).argmax(axis=1) for view in views])
        for model in (float_tflite(frontends.load(path)), made.model, stock)
    )
    losses = [(exact == labels).astype(float) - (said == labels) for said in (ours, theirs)]
    worse, error = _points(losses[0] - losses[1])
    steps = [step.repairs for step in made.record.steps if step.kept]
    draw = Draw(
        network=name, seed=seed, images=len(judging), views=len(views),
        float_top1=float((exact == labels).mean()),
        stock=_loss(losses[1], theirs == exact), auto=_loss(losses[0], ours == exact),
        repairs=steps[-1] if steps else (), worse_points=worse, worse_error=error,
        each=_each(judging, *losses),
    )  # fmt: skip
    print(f"  {draw.stock} {draw.auto} {draw.repairs} {worse:.2f} ± {error:.2f}", flush=True)
    return draw


def _each(judging: Any, auto: Any, stock: Any) -> Each:
    """Changes [views, n] of the images at these places."""
    return Each(spaced(judging), spaced(stock.sum(axis=0)), spaced(auto.sum(axis=0)))


def _views(images: Any) -> Iterator[Any]:
    """Every image [n, h, w, c] in ten views."""
    height, width = images.shape[1:3]
    for side in (images, images[:, :, ::-1]):
        padded = np.pad(side, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="reflect")
        for down, right in ((0, 0), (SHIFT, 0), (-SHIFT, 0), (0, SHIFT), (0, -SHIFT)):
            top, left = SHIFT + down, SHIFT + right
            yield padded[:, top : top + height, left : left + width]


def _loss(losses: Any, same: Any) -> Loss:
    return Loss(*_points(losses), round(float(same.mean()), 5))


def _points(values: Any) -> tuple[float, float]:
    """The mean of [views, n] in points, and its standard error over the images."""
    each = values.mean(axis=0)
    error = each.std() / np.sqrt(each.size)
    return round(100 * float(each.mean()), 3), round(100 * float(error), 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
