"""The agent's `main`: one client at a time, until it goes away."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import zipfile
from pathlib import Path

from edgekit.agent import machine, package, pipes
from edgekit.agent.interpreter import NoInterpreterError, RefusedModelError
from edgekit.agent.package import (
    BAD_MODEL,
    BUSY,
    NO_INTERPRETER,
    OK,
    WRONG_MACHINE,
    Cargo,
)
from edgekit.agent.service import Service
from edgekit.protocol import frames

_HOLDER_BYTES = 200


def main(archive: Path, arguments: list[str]) -> int:
    """Serves the model in `archive`; returns the exit code."""
    parser = argparse.ArgumentParser(description="Runs one model for a host that speaks frames.")
    parser.add_argument("--serial", metavar="PATH", help="serve this port instead of stdin, stdout")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    with zipfile.ZipFile(archive) as packed:
        cargo = package.parse(packed.read(package.CARGO))
        model = packed.read(package.MODEL)
    pipe = pipes.serial_port(options.serial) if options.serial else pipes.standard()
    return _guarded(archive, cargo, model, options.threads, pipe)


def _guarded(archive: Path, cargo: Cargo, model: bytes, threads: int, pipe: pipes.Pipe) -> int:
    found = machine.model()
    if cargo.machine not in found:
        return _say(f"this machine is {found or 'unknown'}, not a {cargo.machine}", WRONG_MACHINE)
    holder = _lock(archive.with_suffix(".lock"))
    if holder is not None:
        return _say(f"the board is held by {holder}", BUSY)
    try:
        service = Service(cargo, model, threads)
    except (NoInterpreterError, ImportError) as error:
        return _say(f"no LiteRT on this machine: {error}", NO_INTERPRETER)
    except RefusedModelError as error:
        return _say(f"LiteRT refuses the model: {error}", BAD_MODEL)
    _serve(service, pipe)
    return OK


def _serve(service: Service, pipe: pipes.Pipe) -> None:
    decoder = frames.Decoder()
    for data in pipe.arriving():
        for payload in decoder.feed(data):
            answer = service.answer(payload)
            if answer is not None:
                pipe.send(answer)
            if service.restart:
                # The same process anew, on the same ends: what the client waits for is a HELLO.
                _restart(pipe)


def _restart(pipe: pipes.Pipe) -> None:
    pipe.back_to_standard()
    os.execv(sys.executable, [sys.executable, *sys.argv])


def _lock(path: Path) -> str | None:
    """Takes the board until this process ends; else who has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return os.read(handle, _HOLDER_BYTES).decode("ascii", "replace") or "another client"
    os.ftruncate(handle, 0)
    os.write(handle, f"pid {os.getpid()}{_client()}"[:_HOLDER_BYTES].encode("ascii", "replace"))
    return None


def _client() -> str:
    """Where the client is, when it came by SSH."""
    address = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f", for {address}" if address else ""


def _say(text: str, code: int) -> int:
    print(f"edgekit: {text}", file=sys.stderr)  # noqa: T201
    return code
