"""Python values as C text: names, literals, comments and arrays."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from edgekit.artifacts import CompiledModel
from edgekit.errors import InputError

_MAX_NAME = 31
_COLUMNS = 100
_C_TYPES = {"int8": "int8_t", "int32": "int32_t"}
_C_HEADER = re.compile(
    "assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|"
    "std(align|arg|atomic|bool|def|int|io|lib|noreturn)|string|tgmath|threads|time|uchar|"
    "wchar|wctype"
)


def identifier(name: str) -> str:
    """A model's name as the prefix of its C names: ``Person v2`` becomes ``person_v2``.

    Raises `InputError` when nothing of it can be kept.
    """
    text = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:_MAX_NAME].rstrip("_")
    if not text:
        raise InputError(
            f"{name!r} gives no C name", hint="Use letters and digits in the model's file name."
        )
    # <name>.h must shadow neither our own headers, ek_*.h, nor those of C itself.
    clash = text[0].isdigit() or text.startswith("ek_") or _C_HEADER.fullmatch(text)
    return f"m_{text}"[:_MAX_NAME] if clash else text


def comment(text: str) -> str:
    """Text that can stand inside a C comment, whatever a model file holds."""
    return text.replace("*/", "* /").replace("/*", "/ *").replace("\\", "/").replace("??", "? ?")


def pixels(compiled: CompiledModel) -> str:
    """How an image becomes the model's input, for a comment; empty when that is not known."""
    found = compiled.preprocessing
    if found is None:
        return ""
    mean, std = (" ".join(f"{value:.6g}" for value in values) for values in (found.mean, found.std))
    what, one = ("Pixels of 0..255", "pixel") if found.pixels else ("Values", "value")
    return comment(
        f"{what}, {found.channels}: real = ({one} * {found.scale:.9g} - {mean}) / {std}"
        f" ({found.name})."
    )


def float_literal(value: float) -> str:
    """A float32 that reads back as itself."""
    text = f"{np.float32(value):.9g}"
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def integer_literal(value: int) -> str:
    """An int32; C has no literal for the smallest one."""
    return "(-2147483647 - 1)" if value == -(1 << 31) else str(value)


def shape(extents: tuple[int, ...]) -> str:
    """``[96][96][3]``: a shape as C writes it, without the batch."""
    return "".join(f"[{extent}]" for extent in extents)


def array_type(values: npt.NDArray[np.int8] | npt.NDArray[np.int32]) -> str:
    """The C type of an array's elements."""
    return _C_TYPES[str(values.dtype)]


def rows(values: npt.NDArray[np.int8] | npt.NDArray[np.int32]) -> list[str]:
    """An array's elements in lines that fit the page."""
    texts = [integer_literal(value) for value in values.reshape(-1).tolist()]
    per_row = max(1, (_COLUMNS - 4) // (max(map(len, texts)) + 2))
    return [
        ", ".join(texts[start : start + per_row]) + "," for start in range(0, len(texts), per_row)
    ]
