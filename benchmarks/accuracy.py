"""What int8 costs whole models, and what each repair buys back: python benchmarks/accuracy.py DIR.

DIR holds `models/*.keras` and `images/`, as the table below names them. Every variant is calibrated
on the same 100 images (half of a smaller set) and judged on all others, on LiteRT's optimized
kernels, whose int8 sums may round differently by one from the reference kernels. When all is done
it writes accuracy.json beside this file; docs/generate.py draws docs/accuracy.md from it. Models
named after DIR are measured alone, the others keep their figures.

The converter, edgekit without repairs and edgekit's choice are measured of all models first, side
by side, then each repair alone. Time is that of all threads together; so that it does not count
threads that wait for one another on a busy machine, linear algebra has one. A small model goes
first, for what is imported late.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is there

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from edgekit import data, frontends
from edgekit.artifacts import Record, write_bytes
from edgekit.quantize import quantize
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.judging import Judge, Verdict
from edgekit.quantize.repairs import repairs
from edgekit.tensorflow_loader import quiet, tensorflow

RESULTS = Path(__file__).with_name("accuracy.json")
MODELS = {
    "mobilenet_v1_0_25_224_logits": ("imagenet1k", "tf"),
    "mobilenet_v2_1_0_224": ("imagenet1k", "torch"),
    "squeezenet_v1_1": ("imagenet1k", "torch"),
    "shufflenet_v2_x0_5_cifar10": ("cifar10_test_2100.npz", "tf"),  # their batch norms saw -1 to 1
    "mobilenet_v3_small_cifar10": ("cifar10_test_2100.npz", "tf"),  # their batch norms saw -1 to 1
    "vww_96": ("personlike_96.npz", "raw01"),
}
STOCK = "TFLiteConverter"
FIRST = (STOCK, "none", "auto")


class Variant(Record, frozen=True):
    """One way to int8: points lost with standard error, share of equal answers, seconds.

    `seconds` go by the clock, `cpu_seconds` are those of all threads together.
    """

    name: str
    repairs: tuple[str, ...]
    top1: float
    drop_points: float
    drop_error: float
    expected_drop_points: float
    agreement: float
    seconds: float
    cpu_seconds: float


class Measured(Record, frozen=True):
    """A model's variants, each judged on the same images."""

    calibration_images: int
    images: int
    float_top1: float
    kernels: str
    variants: tuple[Variant, ...]


class Images:
    """Some of a data set's images as inputs, made one at a time."""

    def __init__(self, dataset: data.Dataset, chosen: Any, preprocess: str) -> None:
        self.dataset, self.chosen, self.preprocessing = dataset, chosen, data.preprocess(preprocess)

    def __len__(self) -> int:
        return len(self.chosen)

    def __iter__(self) -> Iterator[Any]:
        for number in self.chosen:
            yield data.apply(self.preprocessing, self.dataset.images[number : number + 1])[0]


def main(folder: Path, only: list[str]) -> None:
    """Measures, prints a line per variant, and keeps the records."""
    tensorflow("measuring")
    with tempfile.TemporaryDirectory() as scratch:
        _warm_up(Path(scratch))
    benches = [Bench(folder, name) for name in only or MODELS]
    for fixes in (FIRST, _alone()):
        for bench in benches:
            print(bench.name)
            for fix in fixes:
                bench.measure(fix)
    _keep(benches)


def _keep(benches: list[Bench]) -> None:
    known = msgspec.json.decode(RESULTS.read_bytes()) if RESULTS.exists() else {}
    known |= {bench.name: msgspec.to_builtins(bench.measured) for bench in benches}
    ordered = {one: known[one] for one in MODELS if one in known}
    write_bytes(RESULTS, msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n")


def _alone() -> tuple[str, ...]:
    return tuple(name for name, one in repairs().items() if not one.always)


class Bench:
    """One model, its images, and what was measured of it so far."""

    def __init__(self, folder: Path, name: str) -> None:
        where, preprocess = MODELS[name]
        self.name, self.path = name, folder / "models" / f"{name}.keras"
        self._dataset, self._preprocess = data.load(folder / "images" / where), preprocess
        self._count = data.default_calibration(len(self._dataset))
        labels = self._dataset.labels
        self._calibrating, rest = data.split(len(self._dataset), self._count, 0, labels=labels)
        self._judge = _judge(self.path, Images(self._dataset, rest, preprocess))
        kernels = "LiteRT, XNNPACK"
        self.measured = Measured(self._count, len(rest), self._judge.accuracy, kernels, ())

    def measure(self, fix: str) -> None:
        """Adds the variant that the converter makes, or edgekit with this `--fix`."""
        started, began = time.process_time(), time.monotonic()
        used: tuple[str, ...] = (fix,)
        if fix == STOCK:
            model = converted(self.path, Images(self._dataset, self._calibrating, self._preprocess))
            used = ()
        else:
            preprocessing = data.preprocess(self._preprocess)
            made = quantize(
                self.path, self._dataset, preprocessing, calibration=self._count, fix=fix
            )
            model, kept = made.model, [step.repairs for step in made.record.steps if step.kept]
            used = kept[-1] if kept else () if fix == "none" else used
        seconds = time.monotonic() - began, time.process_time() - started
        variant = _variant(fix, used, self._judge(model), self._judge.accuracy, seconds)
        variants = (*self.measured.variants, variant)
        self.measured = msgspec.structs.replace(self.measured, variants=variants)


def _warm_up(folder: Path) -> None:
    """Goes through all of it once with a model of no size."""
    path, rng = folder / "tiny.keras", np.random.default_rng(0)
    with quiet():
        import keras

        layers = keras.layers
        image = keras.Input((8, 8, 3))
        pooled = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(image))
        keras.Model(image, layers.Dense(2)(pooled)).save(path)
    pixels = rng.integers(0, 256, (40, 8, 8, 3)).astype(np.uint8)
    np.savez(folder / "tiny.npz", x=pixels, y=np.arange(40) % 2)
    dataset = data.load(folder / "tiny.npz")
    converted(path, Images(dataset, np.arange(20), "raw01"))
    quantize(path, dataset, data.preprocess("raw01"), fix=",".join(_alone()))


def converted(path: Path, images: Images) -> bytes:
    """TensorFlow's own post-training quantization of a Keras model, as its guide has it."""
    tf = tensorflow("measuring")
    with quiet():
        import keras

        converter = tf.lite.TFLiteConverter.from_keras_model(
            keras.models.load_model(path, compile=False)
        )
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([image[None]] for image in images)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        return bytes(converter.convert())


def _judge(path: Path, images: Images) -> Judge:
    reference = float_tflite(frontends.load(path))
    return Judge(path.name, reference, images, images.dataset.labels[images.chosen])


def _variant(
    name: str,
    used: tuple[str, ...],
    verdict: Verdict,
    right: float,
    seconds: tuple[float, float],
) -> Variant:
    drop, error = verdict.drop
    print(
        f"  {name} ({' + '.join(used) or '-'}): lost {drop:.2f} ± {error:.2f}, "
        f"agrees {100 * verdict.agreement:.1f} %, "
        f"{seconds[0]:.1f} s ({seconds[1]:.1f} s of CPU time)",
        flush=True,
    )
    return Variant(
        name=name,
        repairs=used,
        top1=round(right - drop / 100, 6),
        drop_points=round(drop, 3),
        drop_error=round(error, 3),
        expected_drop_points=round(verdict.expected_drop[0], 3),
        agreement=round(verdict.agreement, 5),
        seconds=round(seconds[0], 1),
        cpu_seconds=round(seconds[1], 1),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
