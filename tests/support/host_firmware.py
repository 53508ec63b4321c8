"""The firmware's C built for this machine under sanitizers; frames over stdin and stdout."""

from __future__ import annotations

import os
import select
import subprocess
from pathlib import Path

from edgekit import boards
from edgekit.artifacts import CompiledModel
from edgekit.build import template
from edgekit.errors import NoDeviceError
from edgekit.link.link import Link
from edgekit.paths import firmware_templates_folder
from edgekit.protocol import frames
from support.compiler import compile_c


def build(compiled: CompiledModel, sources: Path, out: Path) -> Path:
    """An executable that serves the model in `sources`; warnings are errors."""
    out.mkdir(parents=True, exist_ok=True)
    header = template.config_header(compiled, boards.load("pico"), "the host's compiler")
    (out / "ek_config.h").write_text(header, encoding="utf-8")
    folders = [firmware_templates_folder() / name for name in ("common", "host")]
    files = [path for folder in folders for path in sorted(folder.glob("*.c"))]
    return compile_c(
        [*files, sources / "model.c"], out / "firmware", include=[out, sources, *folders]
    )


def converse(program: Path, sent: bytes, *, timeout_s: float = 20) -> list[bytes]:
    """The payloads of all replies to what is sent at once; fails when a sanitizer complains."""
    done = subprocess.run([program], input=sent, capture_output=True, timeout=timeout_s)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[:3000]
    assert not done.stderr
    return frames.Decoder().feed(done.stdout)


class PipeLink(Link):
    """A link to a program's stdin and stdout."""

    def __init__(self, program: Path) -> None:
        self.port, self.baud = str(program), 1_000_000
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, timeout_s: float) -> bytes:
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        ready, _, _ = select.select([handle], [], [], timeout_s)
        if not ready:
            return b""
        data = os.read(handle, 4096)
        if not data:
            raise NoDeviceError(f"{self.port} has ended")
        return data

    def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(timeout=10) == 0
