"""The rules, one function each. A docstring's first line is the rule as docs/checks.md has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from edgekit.artifacts import Finding
from edgekit.checks.subject import Subject, TensorFacts
from edgekit.data.preprocessing import describe, input_range
from edgekit.tflite.refusing import advice

Rule = Callable[[Subject], Iterator[Finding]]


def unsupported(subject: Subject) -> Iterator[Finding]:
    """Every op, and its form, can be compiled ahead of time."""
    if subject.runtime != "edgekit":
        return
    for problem in subject.problems:
        where, _, what = problem.partition(": ")
        yield Finding(
            rule="unsupported",
            severity="error",
            where=where if what else subject.name,
            message=(what or problem).rstrip("."),
            hint=advice([problem]),
        )


def int8_interface(subject: Subject) -> Iterator[Finding]:
    """Input and output are int8, so that no float arithmetic runs on the device."""
    for what, tensors in (("input", subject.inputs), ("output", subject.outputs)):
        for tensor in tensors:
            if tensor.dtype != "int8":
                yield Finding(
                    rule="int8_interface",
                    severity="error",
                    where=tensor.name,
                    message=f"the {what} is {tensor.dtype}, not int8",
                    hint=f"Convert with inference_{what}_type=tf.int8, "
                    "or let `edgekit quantize` make the model.",
                )
    yield from _conversions(subject)


def _conversions(subject: Subject) -> Iterator[Finding]:
    for what, outer, tensors in (
        ("input", subject.part.input, subject.inputs),
        ("output", subject.part.output, subject.outputs),
    ):
        if outer != "int8":
            yield Finding(
                rule="int8_interface",
                severity="info",
                where=tensors[0].name,
                message=f"the file's {what} is {outer}; an inference has int8 there, and the "
                "conversion stands beside it",
                hint=f"Nothing to do; inference_{what}_type=tf.int8 leaves the conversion away.",
            )


def full_int8(subject: Subject) -> Iterator[Finding]:
    """No value inside the model is a float: every op was quantized."""
    ends = {tensor.name for tensor in (*subject.inputs, *subject.outputs)}
    floats = [
        tensor
        for tensor in subject.tensors
        if tensor.dtype.startswith("float") and not tensor.constant and tensor.name not in ends
    ]
    if floats:
        yield Finding(
            rule="full_int8",
            severity="error",
            where=floats[0].name,
            message=f"{len(floats)} values inside the model are float, this is the first",
            hint="Convert with a representative dataset and TFLITE_BUILTINS_INT8 only.",
        )


def static_shape(subject: Subject) -> Iterator[Finding]:
    """Every size is fixed, and the batch is 1; an open batch of a converter runs as 1."""
    for tensor in (*subject.inputs, *subject.outputs):
        if tensor.shape[:1] != (1,):
            yield _open_shape(tensor, f"the batch is {tensor.shape[0] if tensor.shape else 'none'}")
        elif -1 in tensor.signature[1:]:
            yield _open_shape(tensor, f"its shape {list(tensor.signature)} has open sizes")


def _open_shape(tensor: TensorFacts, what: str) -> Finding:
    return Finding(
        rule="static_shape",
        severity="error",
        where=tensor.name,
        message=f"{what}; a microcontroller runs one input of one size",
        hint="Convert with a fixed input shape, batch 1.",
    )


def input_scaling(subject: Subject) -> Iterator[Finding]:
    """The input's int8 range is the range that preprocessing makes of pixels.

    Mis-scaled calibration images, pixels/255 where the model was trained on -1..1, are the
    commonest disaster of quantization, and this is where they show.
    """
    if subject.preprocessing is None or len(subject.inputs) != 1:
        return
    (tensor,) = subject.inputs
    if tensor.scale is None or tensor.dtype != "int8" or not subject.preprocessing.pixels:
        return
    low, high = input_range(subject.preprocessing)
    lost = max(0.0, tensor.low - low) + max(0.0, high - tensor.high)
    used = (min(high, tensor.high) - max(low, tensor.low)) / (tensor.high - tensor.low)
    ranges = (
        f"int8 holds {tensor.low:.3g} to {tensor.high:.3g}, preprocessing "
        f"{describe(subject.preprocessing)} makes {low:.3g} to {high:.3g}"
    )
    if lost > subject.thresholds.input_cut * (high - low):
        yield Finding(
            rule="input_scaling",
            severity="error",
            where=tensor.name,
            message=f"{ranges}: {100 * lost / (high - low):.0f} % of the range is cut off",
            hint="Calibrate with images preprocessed as in training: `edgekit quantize` does.",
        )
    elif used < subject.thresholds.input_used:
        yield Finding(
            rule="input_scaling",
            severity="warning",
            where=tensor.name,
            message=f"{ranges}: only {100 * used:.0f} % of the levels are used",
            hint="Calibrate with images preprocessed as in training.",
        )
