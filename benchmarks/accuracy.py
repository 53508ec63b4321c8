"""What int8 costs whole models, and what each repair buys back: python benchmarks/accuracy.py DIR.

DIR holds `models/*.keras` and `images/`, as the table below names them. Every variant is calibrated
on the same 100 images (half of a smaller set) and judged on all others, on LiteRT's optimized
kernels, whose int8 sums may round differently by one from the reference kernels. Writes
accuracy.json beside this file; docs/generate.py draws docs/accuracy.md from it. Models named after
DIR are measured alone, the others keep their figures.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from edgekit import data
from edgekit.artifacts import Record, write_bytes
from edgekit.quantize import quantize
from edgekit.quantize.conversion import float_tflite
from edgekit.quantize.judging import Judge
from edgekit.quantize.repairs import repairs
from edgekit.tensorflow_loader import quiet, tensorflow

RESULTS = Path(__file__).with_name("accuracy.json")
MODELS = {
    "mobilenet_v1_0_25_224_logits": ("imagenet1k", "tf"),
    "mobilenet_v2_1_0_224": ("imagenet1k", "torch"),
    "squeezenet_v1_1": ("imagenet1k", "torch"),
    "shufflenet_v2_x0_5_cifar10": ("cifar10_test_2100.npz", "cifar"),
    "mobilenet_v3_small_cifar10": ("cifar10_test_2100.npz", "cifar"),
    "vww_96": ("personlike_96.npz", "raw01"),
}
STOCK = "TFLiteConverter"


class Variant(Record, frozen=True):
    """One way to int8: points lost with standard error, share of equal answers, CPU seconds."""

    name: str
    repairs: tuple[str, ...]
    top1: float
    drop_points: float
    drop_error: float
    expected_drop_points: float
    agreement: float
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
    for name in only or MODELS:
        print(name)
        for measured in measure(folder, name):
            known = msgspec.json.decode(RESULTS.read_bytes()) if RESULTS.exists() else {}
            known[name] = msgspec.to_builtins(measured)
            ordered = {one: known[one] for one in MODELS if one in known}
            text = msgspec.json.format(msgspec.json.encode(ordered), indent=2)
            write_bytes(RESULTS, text + b"\n")


def measure(folder: Path, name: str) -> Iterator[Measured]:
    """Stock quantization, what edgekit chooses, and each repair alone; given after each."""
    where, preprocess = MODELS[name]
    path, dataset = folder / "models" / f"{name}.keras", data.load(folder / "images" / where)
    count = data.default_calibration(len(dataset))
    calibrating, rest = data.split(len(dataset), count, 0, labels=dataset.labels)
    tensorflow("measuring")
    judge, right = _judge(path, Images(dataset, rest, preprocess))
    found = []
    started = time.process_time()
    stock = converted(path, Images(dataset, calibrating, preprocess))
    found.append(_variant(STOCK, (), stock, judge, right, time.process_time() - started))
    alone = [name for name, one in repairs().items() if not (one.always or one.on_request)]
    for fix in ("none", "auto", *alone):
        started = time.process_time()
        made = quantize(path, dataset, data.preprocess(preprocess), calibration=count, fix=fix)
        seconds = time.process_time() - started
        kept = [step.repairs for step in made.record.steps if step.kept]
        used = kept[-1] if kept else (fix,) if fix != "none" else ()
        found.append(_variant(fix, used, made.model, judge, right, seconds))
        yield Measured(count, len(rest), right, "LiteRT, XNNPACK", tuple(found))


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


def _judge(path: Path, images: Images) -> tuple[Judge, float]:
    from edgekit import frontends

    reference = float_tflite(frontends.load(path))
    judge = Judge(path.name, reference, images, images.dataset.labels[images.chosen])
    return judge, judge.accuracy


def _variant(
    name: str, used: tuple[str, ...], model: bytes, judge: Judge, right: float, seconds: float
) -> Variant:
    verdict = judge(model)
    drop, error = verdict.drop
    print(
        f"  {name} ({' + '.join(used) or '-'}): lost {drop:.2f} ± {error:.2f}, "
        f"agrees {100 * verdict.agreement:.1f} %, {seconds:.1f} s",
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
        cpu_seconds=round(seconds, 1),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
