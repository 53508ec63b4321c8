"""The firmware's C built for this machine, frames over stdin and stdout."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from edgekit import boards
from edgekit.artifacts import CompiledModel
from edgekit.build import template, toolchain
from edgekit.paths import firmware_templates_folder, kernels_folder

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
SANITIZE = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def build(compiled: CompiledModel, sources: Path, out: Path, *, sanitize: bool = False) -> Path:
    """An executable of the model in `sources`; under ASan and UBSan where the compiler has them."""
    out.mkdir(parents=True, exist_ok=True)
    header = template.config_header(compiled, boards.load("pico"), "the host's compiler")
    (out / "ek_config.h").write_text(header, encoding="utf-8")
    folders = [firmware_templates_folder() / name for name in ("common", "host")]
    files = [path for folder in folders for path in sorted(folder.glob("*.c"))]
    flags = ["-std=c11", "-O1", *WARNINGS, *(SANITIZE if sanitize and can_sanitize() else ())]
    program = out / "firmware"
    _cc(
        *flags, *(f"-I{path}" for path in (out, sources, kernels_folder(), *folders)),
        *map(str, files), str(sources / "model.c"), "-o", str(program),
    )  # fmt: skip
    return program


@cache
def can_sanitize() -> bool:
    """Whether the host's compiler can link AddressSanitizer."""
    probe = "int main(void) { return 0; }"
    try:
        _cc(*SANITIZE, "-x", "c", "-", "-o", os.devnull, source=probe)
    except subprocess.CalledProcessError:
        return False
    return True


def _cc(*arguments: str, source: str = "") -> None:
    command = [*toolchain.host_compiler(), *arguments]
    environment = {**os.environ, **toolchain.zig_environment()}
    subprocess.run(
        command, input=source, text=True, env=environment, check=True, capture_output=True,
        timeout=120,
    )  # fmt: skip
