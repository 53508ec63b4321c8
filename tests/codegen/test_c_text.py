from __future__ import annotations

import numpy as np
import pytest

from edgekit.codegen import c_text
from edgekit.errors import InputError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("person", "person"),
        ("Person v2.1", "person_v2_1"),
        ("7segments", "m_7segments"),
        ("ek_model", "m_ek_model"),
        ("stdint", "m_stdint"),
        ("String", "m_string"),
        ("x" * 50, "x" * 31),
        ("--a--", "a"),
    ],
)
def test_any_name_becomes_a_c_prefix(name: str, expected: str) -> None:
    assert c_text.identifier(name) == expected


def test_a_name_without_letters_or_digits_is_refused() -> None:
    with pytest.raises(InputError, match="gives no C name"):
        c_text.identifier("日本")


@pytest.mark.parametrize("text", ["a*/b", "/*", "a\\", "??/"])
def test_a_comment_cannot_be_left(text: str) -> None:
    found = c_text.comment(text)
    assert not any(escape in found for escape in ("*/", "/*", "\\", "??"))


@pytest.mark.parametrize("value", [1.0, 1 / 255, 0.1, 1e-7, 123456.7, 3e38])
def test_a_float_literal_reads_back_as_itself(value: float) -> None:
    text = c_text.float_literal(value)
    assert text.endswith("f")
    assert np.float32(text[:-1]) == np.float32(value)
    assert "." in text or "e" in text  # without either the suffix is no C


def test_rows_hold_every_element_in_lines_that_fit() -> None:
    values = np.array([-(1 << 31), 5, -7] * 20, np.int32)
    rows = c_text.rows(values)
    joined = " ".join(rows).replace("(-2147483647 - 1)", str(-(1 << 31)))
    assert [int(text) for text in joined.replace(",", " ").split()] == values.tolist()
    assert max(map(len, rows)) <= 96
