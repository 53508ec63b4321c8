"""The picture of a diagnosis: heights are what was measured, the guilty are marked and listed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from support import artifacts as made

from edgekit import artifacts
from edgekit.report import load_run, render
from edgekit.report.layer_errors import layer_errors


def test_bars_are_shares_and_the_line_is_sqnr() -> None:
    picture = layer_errors(made.diagnosis())
    assert picture is not None
    entrance, conv, total = picture.columns
    assert conv.weights_height / conv.values_height == pytest.approx(0.6 / 0.05)
    assert total.weights_height == 0
    assert conv.weights_height + conv.values_height == pytest.approx(110)  # the highest bar
    assert total.values_height == pytest.approx(110 * 0.34 / 0.65)
    top, bottom = picture.db_ticks[-1][0], picture.db_ticks[0][0]
    assert entrance.y == pytest.approx(bottom + (top - bottom) * 40 / 60)
    assert entrance.x < conv.x < total.x


def test_the_guilty_are_marked_in_the_order_of_their_shares() -> None:
    picture = layer_errors(made.diagnosis())
    assert picture is not None
    assert [layer.name for layer in picture.guilty] == ["conv <b>1</b>", "sum"]
    assert [column.mark for column in picture.columns] == [None, 1, 2]


def test_a_perfect_layer_stays_in_the_picture() -> None:
    found = made.diagnosis()
    layers = tuple(msgspec.structs.replace(one, sqnr_db=db) for one, db in
                   zip(found.layers, (120.0, -3.0, 5.0), strict=True))  # fmt: skip
    picture = layer_errors(msgspec.structs.replace(found, layers=layers))
    assert picture is not None
    top, bottom = picture.db_ticks[-1][0], picture.db_ticks[0][0]
    assert [column.y for column in picture.columns][:2] == [top, bottom]


def test_the_page_names_cause_and_remedy_of_each_guilty_layer(tmp_path: Path) -> None:
    text = render(made.write_run(tmp_path)).read_text()
    section = text[text.index("Where the accuracy goes") :]
    assert "11.7 dB at the output" in section
    for words in ("moves the means", "--fix&nbsp;bias", "a few large values", "--fix&nbsp;ranges"):
        assert words in section
    assert "conv &lt;b&gt;1&lt;/b&gt;" in section
    assert "1.00\u202f% → 2.00\u202f%" in section  # ReLU6 before and after


def test_a_diagnosis_alone_makes_a_page(tmp_path: Path) -> None:
    artifacts.save(made.diagnosis(), tmp_path / "diagnosis.json")
    assert "Where the accuracy goes" in render(tmp_path).read_text()


def test_the_diagnosis_of_another_model_is_left_out(tmp_path: Path) -> None:
    other = msgspec.structs.replace(made.diagnosis(), model_sha256="00" * 32)
    artifacts.save(other, made.write_run(tmp_path) / "diagnosis.json")
    assert load_run(tmp_path).diagnosis is None
