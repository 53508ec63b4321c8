"""A run's artifacts as rich tables: what a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from edgekit.artifacts import (
    Accuracy,
    Benchmark,
    Checked,
    CompiledModel,
    Firmware,
    Quantized,
    Relu6Stats,
    ThreadTiming,
    Trained,
    Validation,
)
from edgekit.cli.diagnosed import diagnosed
from edgekit.cli.tables import pairs, table
from edgekit.flows.deploy import Deployment
from edgekit.runtimes.int8_scores import FEW
from edgekit.units import format_bytes, format_count, format_duration

_SEVERITIES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_SOURCES = {"emulator": "emulated", "hardware": "on hardware", "host": "on this machine"}


def trained(record: Trained) -> Iterator[RenderableType]:
    """How a training went, and what to do with its result."""
    judged = record.validation_accuracy
    rows = {
        "images": f"{record.images}, of which {record.validation_images} judge",
        "classes": ", ".join(record.classes[:8]) + (" …" if len(record.classes) > 8 else ""),
        "preprocessing": record.preprocessing.name
        + (f", images resized ({record.resize})" if record.resize else ""),
        "best epoch": f"{record.best_epoch} of {record.epochs}",
        "accuracy": f"{100 * record.train_accuracy:.2f} % in training"
        + (f", {100 * judged:.2f} % in validation" if judged is not None else ""),
        "took": f"{format_duration(record.seconds)} on {record.device}",
        "written to": record.output,
    }
    yield pairs(f"Trained {record.source}", rows)
    if record.validation_data:
        next_step = f"edgekit quantize {record.output} --data {record.validation_data}"
        yield Text.assemble(("next ", "dim"), next_step)


def quantized(record: Quantized) -> Iterator[RenderableType]:
    """What quantization saw and did."""
    yield _relu6_table(record.relu6) if record.relu6 else Text("The model has no ReLU6.", "dim")
    if record.steps:
        yield _repairs_table(record)
    for fix in record.fixes:
        yield Text.assemble(("repaired ", "green"), fix)
    for warning in record.warnings:
        yield Text.assemble(("warning ", "yellow"), warning)
    rows = {
        "input": f"scale {record.input_scale:.7g}, zero point {record.input_zero_point}",
        "preprocessing": record.preprocessing.name
        + (f", images resized ({record.resize})" if record.resize else ""),
        "calibrated on": f"{len(record.calibration_indices)} images, seed {record.seed}",
        "took": format_duration(record.seconds),
        "written to": record.output,
    }
    yield pairs("Quantized", rows)


def _repairs_table(record: Quantized) -> Table:
    made = table(
        f"Repairs, judged on {record.validation_images} images", "repairs", "",
        "top-1 lost", "expected", "same answer", "took", right=4,
    )  # fmt: skip
    for step in record.steps:
        made.add_row(
            " + ".join(step.repairs) or "none",
            Text("kept", "green") if step.kept else Text("left out", "dim"),
            f"{step.drop_points:.2f} ± {step.drop_error:.2f}",
            f"{step.expected_drop_points:.2f} ± {step.expected_drop_error:.2f}",
            f"{100 * step.agreement:.1f} %",
            format_duration(step.seconds),
        )
    return made


def _relu6_table(layers: tuple[Relu6Stats, ...]) -> Table:
    made = table(
        "ReLU6 over the calibration images", "layer",
        "clipped", "largest", "dead", "never 6", "channels", "range ratio", right=6,
    )  # fmt: skip
    made.add_column("verdict")
    for stats in layers:
        made.add_row(
            Text(stats.layer),
            f"{100 * stats.clipped_fraction:.2f} %",
            f"{stats.max:.2f}",
            str(stats.dead_channels),
            str(stats.never_six_channels),
            str(stats.channels),
            f"{stats.range_ratio:.1f}",
            Text(stats.verdict, _verdict_style(stats)),
        )
    return made


def _verdict_style(stats: Relu6Stats) -> str:
    """Never reaching 6 is worth knowing and harmless."""
    if stats.verdict == "healthy":
        return "green"
    return "dim" if stats.verdict.startswith("never") else "yellow"


def checked(verdict: Checked) -> Iterator[RenderableType]:
    """The diagnosis where there is one, findings, then the verdict."""
    if verdict.diagnosis is not None:
        yield from diagnosed(verdict.diagnosis)
    for finding in verdict.findings:
        yield Text.assemble(
            (finding.severity, _SEVERITIES[finding.severity]),
            (f" {finding.rule}", "bold"),
            f" {finding.where}: {finding.message}",
            (f" {finding.hint}" if finding.hint else "", "dim"),
        )
    words = Text("passed" if verdict.ok else "failed", "green" if verdict.ok else "bold red")
    line = Text.assemble(("Check ", "bold"), words)
    if verdict.fits is not None:
        line.append(f", {'fits' if verdict.fits else 'does not fit'} {verdict.board}")
    if verdict.ram_bytes is not None:
        line.append(f"; RAM {format_bytes(verdict.ram_bytes)}")
    if verdict.flash_bytes is not None:
        line.append(f"; flash {format_bytes(verdict.flash_bytes)}")
    yield line


def compiled(model: CompiledModel) -> Iterator[RenderableType]:
    """Generated sources and their figures."""
    bound = "the smallest possible" if _optimal(model) else "lower bound "
    if not _optimal(model):
        bound += format_bytes(model.arena_lower_bound_bytes)
    rows = {
        "runtime": model.runtime,
        "MACs": format_count(model.macs),
        "weights": format_bytes(model.weights_bytes),
        "arena": f"{format_bytes(model.arena_bytes)}, {bound}"
        if model.runtime == "edgekit"
        else format_bytes(model.arena_bytes),
        "files": ", ".join(model.sources),
    }
    if model.runtime == "edgekit" and not model.kernels:
        rows["kernels"] = (
            "portable C, for any core; with --board those of its core, where it has any"
        )
    yield pairs(f"Compiled {model.name}", rows)
    yield from _slow(layer.line for layer in model.slow)


def _slow(lines: Iterable[str]) -> Iterator[RenderableType]:
    """Layers that run slower than the best kernels of their core do."""
    return (Text.assemble(("slower ", "yellow"), line) for line in lines)


def _optimal(model: CompiledModel) -> bool:
    return model.arena_bytes == model.arena_lower_bound_bytes


def firmware(made: Firmware) -> Iterator[RenderableType]:
    """The size table against the board's memories."""
    sizes = table(f"Firmware for {made.board}", "", "used", "of", "", right=3)
    for name, used, room in (
        ("flash", made.flash_bytes, made.flash_available_bytes),
        ("RAM", made.ram_bytes, made.ram_available_bytes),
    ):
        sizes.add_row(name, format_bytes(used), format_bytes(room), f"{100 * used / room:.1f} %")
    sizes.add_row("stack", "", format_bytes(made.stack_reserved_bytes), "reserved")
    yield sizes
    yield from _slow(made.slow)
    yield Text(f"{made.compiler}  {' '.join(made.flags)}", "dim")


def benchmark(found: Benchmark, *, layers: bool = True) -> Iterator[RenderableType]:
    """Latency and memory, and the profile per step."""
    if layers and found.layers:
        yield _layer_table(found)
    yield pairs(f"Benchmark, {_SOURCES[found.source]}", _benchmark_rows(found))
    if found.threads:
        yield _thread_table(found.threads)
    for note in found.notes:
        yield Text(note, "dim")


def _benchmark_rows(found: Benchmark) -> dict[str, str]:
    rows = {"board": f"{found.board}, {found.core} at {format_count(found.clock_hz)}Hz"}
    if found.cores is not None:
        rows["cores"] = str(found.cores)
    latency = found.latency_us
    if latency is not None:
        low, middle, high = (
            format_duration(micros / 1e6) for micros in (latency.min, latency.median, latency.p95)
        )
        rows["latency"] = f"{middle} (min {low}, p95 {high}, {found.runs} runs)"
    for unit, count in (
        ("cycles", found.cycles_per_inference),
        ("instructions", found.instructions_per_inference),
    ):
        if count is not None:
            per_mac = f", {count / found.macs:.2f} per MAC" if found.macs else ""
            rows[unit] = _grouped(count) + per_mac
    stack = found.ram_bytes.stack
    rows["RAM"] = (
        f"{format_bytes(found.ram_bytes.static)} static, of which the arena "
        f"{format_bytes(found.arena_bytes)}"
        + ("" if stack is None else f"; stack {format_bytes(stack)} at most")
    )
    if found.flash_bytes is not None:
        rows["flash"] = format_bytes(found.flash_bytes)
    return rows


def _thread_table(found: Sequence[ThreadTiming]) -> Table:
    made = table("Per number of threads", "threads", "min", "median", "p95", right=4)
    for timing in found:
        latency = timing.latency_us
        shown = (format_duration(us / 1e6) for us in (latency.min, latency.median, latency.p95))
        made.add_row(str(timing.threads), *shown)
    return made


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _layer_table(found: Benchmark) -> Table:
    counts = [layer.cycles or layer.instructions or 0 for layer in found.layers]
    total = sum(counts) or 1
    unit = "cycles" if found.layers[0].cycles is not None else "instructions"
    made = table("Per layer", "#", "op", "", "MACs", unit, "per MAC", "share", right=4)
    for layer, count in zip(found.layers, counts, strict=True):
        made.add_row(
            str(layer.index),
            layer.op,
            Text("▉" * round(20 * count / (max(counts) or 1)), "blue"),
            _grouped(layer.macs),
            _grouped(count),
            f"{count / layer.macs:.2f}" if layer.macs else "–",
            f"{100 * count / total:.1f} %",
        )
    return made


def validation(found: Validation) -> Iterator[RenderableType]:
    """Accuracies, the drop, and whether the device equals the host."""
    made = table("Accuracy", "", "top-1", "top-5", "images", right=3)
    made.add_row("float", *_rates(found.float_accuracy), str(found.samples))
    made.add_row("int8", *_rates(found.int8_accuracy), str(found.samples))
    if found.device is not None:
        made.add_row(f"int8 on {found.on}", *_rates(found.device), str(found.device_samples))
    yield made
    low, high = found.drop_ci95
    drop = f"{found.drop_points:.2f} points (95 % interval {low:.2f} to {high:.2f})"
    if found.max_drop_points is not None:
        drop += f", limit {found.max_drop_points:g}"
    yield Text.assemble(
        ("drop ", "bold"), (drop, "" if found.ok else "bold red"),
        f"; float and int8 agree on {100 * found.agreement:.1f} %",
    )  # fmt: skip
    yield Text("\n".join(_doubts(found)), "dim")
    if found.device_equals_host is not None:
        yield _device_line(found)


def _doubts(found: Validation) -> Iterator[str]:
    """How sure the drop is, and what was not looked at."""
    if found.mcnemar is not None:
        yield (
            f"lost {found.mcnemar.lost} images, gained {found.mcnemar.gained}; "
            f"McNemar's p {found.mcnemar.p_value:.2g}"
        )
    if found.ties is not None and found.ties.int8_images:
        low, high = 100 * found.ties.int8_top1_lowest, 100 * found.ties.int8_top1_highest
        yield (
            f"int8's largest score is shared on {found.ties.int8_images} images, where the lower "
            f"class index counts; else top-1 were {low:.2f} to {high:.2f} %"
        )
    if found.early_stop is not None:
        early = found.early_stop
        yield (
            f"stopped after {early.samples} of {early.images} images: the drop "
            f"{'is not' if early.within else 'is'} above the limit, wrong at most "
            f"{100 * early.error_rate:.0f} times in 100"
        )
    if found.host_kernels == "reference" and found.host_note != FEW:
        yield f"int8 ran by the slower reference kernels on the host: {found.host_note}"
    if found.resumed_samples:
        yield f"{found.resumed_samples} images are from an interrupted run"


def deployed(found: Deployment) -> Iterator[RenderableType]:
    """Every step of a deployment, its page, and how long it all took."""
    yield from quantized(found.quantize)
    yield from diagnosed(found.diagnosis)
    yield from checked(found.check)
    yield from firmware(found.firmware)
    yield from benchmark(found.bench)
    yield from validation(found.validate)
    yield pairs("Done", {"report": found.report, "took": format_duration(found.seconds)})


def _rates(accuracy: Accuracy) -> tuple[str, str]:
    top5 = "–" if accuracy.top5 is None else f"{100 * accuracy.top5:.2f} %"
    return f"{100 * accuracy.top1:.2f} %", top5


def _device_line(found: Validation) -> Text:
    if found.device_equals_host:
        words = (f"same bytes on all {found.device_samples} images", "green")
    else:
        words = (found.first_difference or "differs", "bold red")
    return Text.assemble(("device = host ", "bold"), words)
