"""The page is one file, escapes everything, and draws what the artifacts say."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from support import artifacts as made

from edgekit import artifacts, boards
from edgekit.artifacts import PlannedTensor
from edgekit.cli import summaries
from edgekit.emulate import engine_of
from edgekit.errors import InputError
from edgekit.report import load_run, render
from edgekit.report.layer_times import layer_bars, op_shares
from edgekit.report.memory_map import memory_map
from edgekit.report.mistakes import worst_classes
from edgekit.report.relu6_histogram import histogram

VOID = {"meta", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """``<rect/>`` opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(folder: Path) -> str:
    return render(folder).read_text()


def test_nothing_is_loaded_from_anywhere(tmp_path: Path) -> None:
    text = page(made.write_run(tmp_path))
    assert not re.search(r"(src|href)\s*=|url\(|@import|https?://|<script", text)


def test_every_tag_is_closed(tmp_path: Path) -> None:
    parser = Balanced()
    parser.feed(page(made.write_run(tmp_path)))
    assert parser.open == []


def test_names_are_escaped(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    nasty = '<script>alert("x")</script>'
    record = msgspec.structs.replace(made.quantized(), model=nasty, warnings=(nasty,))
    artifacts.save(record, tmp_path / "quantize.json")
    text = page(tmp_path)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "no <b>" not in text


def test_summary_shows_the_figures_and_where_they_come_from(tmp_path: Path) -> None:
    text = page(made.write_run(tmp_path))
    for figure in ("97.5\u202f%", "0.50 <small>points", "emulated", "253.4 ms", "57.8 KiB"):
        assert figure in text, figure


def test_hardware_figures_are_not_called_emulated(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    benchmark = msgspec.structs.replace(made.benchmark(), source="hardware")
    artifacts.save(benchmark, tmp_path / "bench.json")
    text = page(tmp_path)
    assert "emulated" not in text
    assert ">hardware</span>" in text


@pytest.mark.parametrize("kept", ["quantize.json", "check.json", "bench.json", "validate.json"])
def test_any_part_alone_makes_a_page(tmp_path: Path, kept: str) -> None:
    whole = made.write_run(tmp_path / "whole")
    alone = tmp_path / "alone"
    alone.mkdir()
    (whole / kept).rename(alone / kept)
    assert "<h1>alone</h1>" in page(alone)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results"):
        render(tmp_path)


def test_a_broken_artifact_is_named(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    (tmp_path / "bench.json").write_text("{}")
    with pytest.raises(InputError, match=r"bench\.json is not a valid Benchmark"):
        render(tmp_path)


def test_rendering_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    assert page(tmp_path) == page(tmp_path)


def test_op_shares_add_up_and_start_with_the_costliest(tmp_path: Path) -> None:
    run = load_run(made.write_run(tmp_path))
    assert run.benchmark is not None
    bars = layer_bars(run.benchmark, run.compiled)
    shares = op_shares(bars)
    assert sum(share.share for share in shares) == pytest.approx(1)
    assert [share.cycles for share in shares] == sorted(
        (share.cycles for share in shares), reverse=True
    )
    assert max(bar.percent_of_largest for bar in bars) == 100


def test_a_tensor_s_rectangle_is_its_lifetime_by_its_bytes() -> None:
    tensor = PlannedTensor(name="a", offset=16, bytes=32, first_step=1, last_step=2)
    last = PlannedTensor(name="b", offset=0, bytes=16, first_step=3, last_step=3)
    compiled = msgspec.structs.replace(
        made.compiled(), plan=(tensor, last), arena_bytes=64, arena_lower_bound_bytes=48
    )
    picture = memory_map(compiled, width=400, height=640)
    box = picture.boxes[0]
    assert (box.x, box.width) == (100, 200)
    assert (box.y, box.height) == (640 - 480, 320)
    assert picture.bound_y == 640 - 480


def test_memory_that_grows_keeps_its_colour_and_the_fullest_step_is_marked() -> None:
    plan = (
        PlannedTensor(name="a", offset=0, bytes=16, first_step=0, last_step=1),
        PlannedTensor(name="a", offset=0, bytes=32, first_step=2, last_step=3),
        PlannedTensor(name="a", offset=32, bytes=32, first_step=1, last_step=1),
        PlannedTensor(name="b", offset=32, bytes=8, first_step=3, last_step=3),
    )
    compiled = msgspec.structs.replace(made.compiled(), plan=plan, arena_bytes=64)
    picture = memory_map(compiled, width=400)
    assert [box.hue for box in picture.boxes] == [0, 0, 1, 2]
    assert (picture.peak, picture.peak_x) == (1, 150)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("net/conv1/Relu6;net/conv1_bn/batchnorm/add", "conv1"),
        ("net/conv1_bn/batchnorm/add_1;net/conv1/depthwise", "conv1_bn"),
        ("net/split_2;net/split_21", "split_2"),
        ("scratch of step 3", "scratch of step 3"),
    ],
)
def test_a_rectangle_is_labelled_with_its_layer(name: str, label: str) -> None:
    tensor = PlannedTensor(name=name, offset=0, bytes=64, first_step=0, last_step=0)
    compiled = msgspec.structs.replace(made.compiled(), plan=(tensor,), arena_bytes=64)
    assert memory_map(compiled).boxes[0].label == label


def test_bins_above_six_are_marked() -> None:
    stats = msgspec.structs.replace(
        made.quantized().relu6[0], histogram=(4, 2, 1, 1), histogram_range=(0.0, 12.0)
    )
    picture = histogram(stats)
    assert picture is not None
    assert [bar.clipped for bar in picture.bars] == [False, False, True, True]
    assert picture.clip_x == 0.5
    assert picture.zero_x == 0


def test_empty_bins_are_cut_away_but_not_those_up_to_six() -> None:
    counts = tuple(5 if number in (20, 21) else 0 for number in range(60))
    stats = msgspec.structs.replace(
        made.quantized().relu6[0], histogram=counts, histogram_range=(-12.0, 18.0)
    )
    picture = histogram(stats)
    assert picture is not None
    assert len(picture.bars) == 1 + 36 - 20 + 1  # -2 to 6, and one more on either side
    assert picture.clip_x == pytest.approx(17 / 18)


def test_many_classes_are_listed_as_pairs(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    validation = msgspec.structs.replace(
        made.validation(),
        classes=tuple(f"class{number}" for number in range(200)),
        confusion=(),
        confused=(artifacts.Confused(label=3, prediction=7, images=9),),
    )
    artifacts.save(validation, tmp_path / "validate.json")
    text = page(tmp_path)
    assert "predicted by int8" not in text
    assert "<td>class3</td><td>class7</td>" in text


def test_classes_that_lose_are_listed_worst_first() -> None:
    found = made.validation()
    lone = artifacts.ClassAccuracy(label=1, images=1, float_top1=1, int8_top1=0, agreement=0)
    found = msgspec.structs.replace(found, per_class=(*found.per_class, lone))
    worst = worst_classes(found)
    assert [(loss.name, loss.lost, loss.images) for loss in worst] == [("no <b>person</b>", 1, 100)]


def test_doubts_about_the_drop_are_said(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    text = page(tmp_path)
    assert "by bootstrap −1.00 to 2.00" in text
    assert "loses 3 images that float gets right and gains 2 (McNemar, p = 1)" in text
    assert "which gave the reference&#39;s bytes for a sample" in text
    assert "shared on 4 images, and top-1 is 96.50" in text


def test_an_early_stop_is_said_with_how_often_it_is_wrong(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    early = artifacts.EarlyStop(samples=200, images=5000, within=False, error_rate=0.05)
    stopped = msgspec.structs.replace(made.validation(), early_stop=early)
    artifacts.save(stopped, tmp_path / "validate.json")
    text = page(tmp_path)
    assert "200 of 5\u202f000 images" in text
    assert "the drop is above the limit, wrong at most 5 times in 100." in text
    assert "holds whenever one stops" in text
    assert "by bootstrap" not in text


def test_what_an_earlier_model_left_in_the_folder_is_not_mixed_in(tmp_path: Path) -> None:
    made.write_run(tmp_path)
    assert load_run(tmp_path).benchmark is not None
    other = msgspec.structs.replace(made.quantized(), output_sha256="0" * 64)
    artifacts.save(other, tmp_path / "quantize.json")
    run = load_run(tmp_path)
    assert run.quantized == other
    assert (run.compiled, run.firmware, run.benchmark, run.validation) == (None,) * 4


def test_what_a_measurement_leaves_out_is_said_wherever_it_is_shown(tmp_path: Path) -> None:
    (left_out,) = {note for note in engine_of(boards.load("pico")).notes if "cache" in note}
    found = msgspec.structs.replace(made.benchmark(), notes=(left_out,))
    made.write_run(tmp_path)
    artifacts.save(found, tmp_path / "bench.json")
    assert left_out in page(tmp_path)
    shown = Console(width=400, file=io.StringIO())
    shown.print(*summaries.benchmark(found))
    assert left_out in shown.file.getvalue()  # type: ignore[attr-defined]
