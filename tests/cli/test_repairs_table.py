from __future__ import annotations

import io

import msgspec
from rich.console import Console
from support import artifacts

from edgekit.artifacts import RepairStep
from edgekit.cli.summaries import quantized


def step(
    *repairs: str, kept: bool = True, drop: float = 3.25, moved: float | None = 0.0625
) -> RepairStep:
    return RepairStep(
        repairs=repairs,
        kept=kept,
        drop_points=drop,
        drop_error=1.5,
        expected_drop_points=drop / 2,
        expected_drop_error=0.25,
        agreement=0.785,
        seconds=4.2,
        moved=moved,
    )


def shown(*steps: RepairStep) -> str:
    record = msgspec.structs.replace(artifacts.quantized(), steps=steps, validation_images=200)
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(*quantized(record))
    return console.export_text()


def test_what_was_tried_is_shown_with_what_it_bought() -> None:
    text = shown(step(), step("ranges", kept=False), step("ranges", "rounding", drop=0.5))
    assert "judged on 200 images" in text
    rows = [line.split() for line in text.splitlines() if "±" in line]
    assert rows[0][:5] == ["none", "kept", "6.25", "%", "3.25"]
    assert rows[1][:3] == ["ranges", "left", "out"]
    assert rows[2][3:9] == ["kept", "6.25", "%", "0.50", "±", "1.50"]
    assert "78.5 %" in text


def test_what_decides_stands_in_a_column_and_old_records_have_none() -> None:
    text = shown(step(moved=None))
    assert "prob. moved" in text
    (row,) = [line.split() for line in text.splitlines() if "±" in line]
    assert row[:3] == ["none", "kept", "–"]


def test_nothing_is_said_of_repairs_that_were_not_chosen_by_edgekit() -> None:
    assert "judged on" not in shown()
