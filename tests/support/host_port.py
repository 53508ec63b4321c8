"""The firmware's C as a board at a TCP port of this machine: a board without an emulator."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from edgekit.codegen import aot
from support import host_firmware

_SHA256 = re.compile(r"\.sha256 = \{[^}]*\}")


def build(model: bytes, folder: Path, *, claims: bytes | None = None) -> Path:
    """A program that serves `model`; with `claims`, it says that it is that other model."""
    sources = folder / "sources"
    compiled = aot.generate(model, "seven", sources)
    if claims is not None:
        aot.generate(claims, "seven", folder / "claimed")
        said = _SHA256.search((folder / "claimed" / "model.c").read_text())
        assert said is not None
        text, count = _SHA256.subn(said[0], (sources / "model.c").read_text())
        assert count == 1
        (sources / "model.c").write_text(text)
    return host_firmware.build(compiled, sources, folder / "out")


@contextlib.contextmanager
def serve(program: Path) -> Iterator[str]:
    """The port of a board that runs `program`; each connection finds it freshly started."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, program, ended), daemon=True)
        thread.start()
        try:
            yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join(timeout=10)
            assert not thread.is_alive()


def _serve(server: socket.socket, program: Path, ended: threading.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            connection, _ = server.accept()
            with connection:
                connection.setblocking(True)
                subprocess.run([program], stdin=connection, stdout=connection, timeout=30)
