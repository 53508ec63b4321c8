"""A run's artifacts, made up but consistent: for tests of what shows them."""

from __future__ import annotations

from pathlib import Path

from edgekit import artifacts
from edgekit.artifacts import (
    Accuracy,
    Benchmark,
    Cause,
    Checked,
    ClassAccuracy,
    CompiledModel,
    Confused,
    Diagnosis,
    Finding,
    Firmware,
    Latency,
    LayerDiagnosis,
    LayerProfile,
    McNemar,
    PlannedTensor,
    Preprocessing,
    Quantized,
    RamUse,
    Relu6Stats,
    Section,
    Step,
    TensorSpec,
    Ties,
    Validation,
)

SHA = "3f9a0c1e" * 8
RAW01 = Preprocessing(name="raw01", scale=1 / 255, mean=(0.0,), std=(1.0,))
OPS = ("CONV_2D", *("DEPTHWISE_CONV_2D", "CONV_2D") * 4, "AVERAGE_POOL_2D", "FULLY_CONNECTED")


def quantized(layers: int = 6) -> Quantized:
    """Of a model with some ReLU6; the third clips much."""
    relu6 = tuple(
        Relu6Stats(
            layer=f"block_{number}/relu6",
            clipped_fraction=0.21 if number == 2 else 0.0031 * number,
            channels=16,
            dead_channels=1 if number == 3 else 0,
            never_six_channels=2,
            max=7.5 + number,
            range_ratio=2.5 + number,
            verdict="clips much" if number == 2 else "healthy",
            histogram=tuple(900 // (place + 1) ** 2 for place in range(32)),
            histogram_range=(0.0, 8.0 + number),
        )
        for number in range(layers)
    )
    return Quantized(
        model="person.keras", output="int8.tflite", model_sha256=SHA, output_sha256=SHA,
        input_scale=1 / 255, input_zero_point=-128,
        preprocessing=RAW01,
        relu6=relu6, fixes=(), warnings=(), calibration_indices=tuple(range(100)),
        data_fingerprint="ab" * 16, seed=0, seconds=4.2,
    )  # fmt: skip


def checked() -> Checked:
    """Passed, with one warning."""
    return Checked(
        ok=True, runtime="edgekit", board="pico", ram_bytes=30_000, flash_bytes=250_000, fits=True,
        findings=(Finding(rule="relu6_range", severity="warning", where="CONV_2D #3 (a/b)",
                          message="the range ends at 4.49, below 6", hint="Nothing to do."),),
    )  # fmt: skip


def diagnosis() -> Diagnosis:
    """Of three values: the input is innocent, a convolution's weights are to blame, then a sum."""
    layers = (
        _layer(-1, "input", "image", rank=3, values=0.01),
        _layer(0, "CONV_2D", "conv <b>1</b>", rank=1, weights=0.6, values=0.05,
               cause="weight_bias", explanation="moves the means", remedies=("bias", "rounding")),
        _layer(1, "ADD", "sum", rank=2, values=0.34,
               cause="long_tail", explanation="a few large values", remedies=("ranges",)),
    )  # fmt: skip
    return Diagnosis(
        model_sha256=SHA, images=32, probe_images=8, output_sqnr_db=11.7, output_cosine=0.96,
        expected_sqnr_db=12.5, agreement=0.9, weights_share=0.6, layers=layers, seconds=1.0,
    )  # fmt: skip


def _layer(
    index: int, op: str, name: str, *, rank: int, weights: float = 0.0, values: float = 0.0,
    cause: Cause = "none", explanation: str = "causes 1 %", remedies: tuple[str, ...] = (),
) -> LayerDiagnosis:  # fmt: skip
    relu6 = (0.01, 0.02) if op == "CONV_2D" else None
    return LayerDiagnosis(
        index=index, op=op, name=name, tensor=f"net/{name}", shape=(1, 8, 6, 4),
        sqnr_db=40.0 - 12 * (index + 1), cosine=0.99, float_range=(-1.0, 2.0),
        int8_range=(-1.1, 2.1), levels_used=240, central_levels=100, channels=4,
        clipped_channels=0, clipped_fraction=0.0, dead_channels=1, lost_channels=0,
        range_ratio=2.5, relu6_saturation=relu6, mean_shift=0.2,
        weight_sqnr_db=30.0 if weights else None, weight_error=weights, activation_error=values,
        rank=rank, cause=cause, explanation=explanation, remedies=remedies,
    )  # fmt: skip


def compiled() -> CompiledModel:
    """A small MobileNet: ping-pong of two tensors per step."""
    spec = TensorSpec(name="x", shape=(96, 96, 3), dtype="int8", scale=1 / 255, zero_point=-128)
    sizes = [27648, 18432, 18432, 36864, 9216, 18432, 9216, 9216, 4608, 9216, 256, 2]
    plan, offset = [], 0
    for number, size in enumerate(sizes):
        offset = 0 if number % 2 == 0 else 55296 - size
        first, last = max(0, number - 1), min(number, 10)
        plan.append(
            PlannedTensor(
                name=f"net/t{number}", offset=offset, bytes=size, first_step=first, last_step=last
            )
        )
    steps = tuple(
        Step(index=index, op=op, name=f"net/{op.lower()}_{index}", macs=40_000 * (index + 1),
             output_shape=(12, 12, 32), output_bytes=sizes[index + 1])
        for index, op in enumerate(OPS)
    )  # fmt: skip
    return CompiledModel(
        name="person", runtime="edgekit", model_sha256=SHA, input=spec, output=spec,
        macs=sum(step.macs for step in steps), arena_bytes=55296, arena_lower_bound_bytes=55296,
        weights_bytes=219_304, steps=steps, plan=tuple(plan), sources=("model.c", "person.h"),
    )  # fmt: skip


def firmware() -> Firmware:
    """For the Pico."""
    return Firmware(
        board="pico", runtime="edgekit", model_name="person", model_sha256=SHA,
        compiler="clang 19.1 (zig 0.14)", flags=("-O2", "-mcpu=cortex_m0plus"),
        elf="firmware.elf", uf2="firmware.uf2", bin="firmware.bin", image_sha256=SHA,
        flash_bytes=250_112, flash_available_bytes=2 << 20, ram_bytes=58_000,
        ram_available_bytes=253_952, stack_reserved_bytes=16_384,
        sections=(Section(name=".text", bytes=30_000, memory="flash"),
                  Section(name=".bss", bytes=57_000, memory="ram")),
    )  # fmt: skip


def benchmark() -> Benchmark:
    """On the emulated Pico."""
    layers = tuple(
        LayerProfile(index=step.index, op=step.op, name=step.name, macs=step.macs,
                     cycles=12 * step.macs, instructions=None)
        for step in compiled().steps
    )  # fmt: skip
    cycles = sum(layer.cycles or 0 for layer in layers)
    return Benchmark(
        board="pico", core="cortex-m0plus", clock_hz=125_000_000, source="emulator",
        runtime="edgekit", compiler="clang 19.1 (zig 0.14)", flags=("-O2",), model_sha256=SHA,
        runs=10, instructions_per_inference=None, cycles_per_inference=cycles,
        latency_us=Latency(min=cycles / 125, median=cycles / 125, p95=cycles / 125),
        macs=compiled().macs, arena_bytes=55296, ram_bytes=RamUse(static=58_000, stack=1_200),
        flash_bytes=250_112, layers=layers, notes=("The flash cache is not modelled.",),
    )  # fmt: skip


def validation() -> Validation:
    """Half a point lost; the device equals the host."""
    return Validation(
        samples=200, on="emulator", float_accuracy=Accuracy(top1=0.98, top5=None),
        int8_accuracy=Accuracy(top1=0.975, top5=None), device=Accuracy(top1=0.975, top5=None),
        drop_points=0.5, drop_ci95=(-1.3, 2.3), agreement=0.99, device_equals_host=True,
        device_samples=200, first_difference=None, max_drop_points=1.0,
        classes=("no <b>person</b>", "person"), confusion=((98, 2), (3, 97)), ok=True,
        left_out=100, preprocessing=RAW01, model_sha256=SHA, seconds=12.0,
        drop_bootstrap95=(-1.0, 2.0), mcnemar=McNemar(lost=3, gained=2, p_value=1.0),
        ties=Ties(rule="lower index", float_images=0, int8_images=4, int8_top1_lowest=0.965,
                  int8_top1_highest=0.985),
        host_kernels="native",
        per_class=(
            ClassAccuracy(label=0, images=100, float_top1=0.99, int8_top1=0.98, agreement=0.99),
            ClassAccuracy(label=1, images=100, float_top1=0.97, int8_top1=0.97, agreement=0.99),
        ),
        confused=(Confused(label=1, prediction=0, images=3),
                  Confused(label=0, prediction=1, images=2)),
    )  # fmt: skip


def write_run(folder: Path) -> Path:
    """A whole run in a folder."""
    artifacts.save(quantized(), folder / "quantize.json")
    artifacts.save(checked(), folder / "check.json")
    artifacts.save(diagnosis(), folder / "diagnosis.json")
    artifacts.save(compiled(), folder / "c" / "model.json")
    artifacts.save(firmware(), folder / "firmware.json")
    artifacts.save(benchmark(), folder / "bench.json")
    artifacts.save(validation(), folder / "validate.json")
    return folder
