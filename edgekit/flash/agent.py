"""Puts an agent and its model onto a Linux board over SSH, or into this machine's state folder."""

from __future__ import annotations

import io
import zipfile

from edgekit import artifacts, paths
from edgekit.agent import package
from edgekit.agent.package import Cargo
from edgekit.errors import FlashError, InputError, NoDeviceError
from edgekit.flash.job import Flashed, Job
from edgekit.link import ssh

# The file appears under its name only when it is whole.
_PLACE = f'"$HOME/{ssh.AGENT}"'
_NEW = f'"$HOME/{ssh.AGENT}.new"'
_COPY = (
    f'umask 077 && mkdir -p "$HOME/{ssh.AGENT.rpartition("/")[0]}" && cat > {_NEW}'
    f" && sha256sum < {_NEW} && mv -f {_NEW} {_PLACE}"
)
_MACHINE = "cat /proc/device-tree/model 2>/dev/null || true"
_SLOWEST_BYTES_PER_S = 50_000


def flash_image(job: Job) -> Flashed:
    """See `edgekit.flash.flash`."""
    cargo = _cargo(job)
    if job.port is not None and job.port.startswith("ssh://"):
        return _over_ssh(job, job.port, cargo)
    if job.board.link.kind == "stdio" and job.port is None:
        place = paths.agent_file(job.board.id)
        artifacts.write_bytes(place, job.file)
        return Flashed("agent", str(place), len(job.file), "read back")
    raise NoDeviceError(
        f"{job.board.name} is reached over SSH", hint="Say where: --port ssh://pi@raspberrypi"
    )


def _cargo(job: Job) -> Cargo:
    """What was packed. Raises `FlashError` when it is for another board."""
    try:
        with zipfile.ZipFile(io.BytesIO(job.file)) as packed:
            cargo = package.parse(packed.read(package.CARGO))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise InputError(
            f"this is no firmware for {job.board.id}",
            hint=f"Build it: `edgekit build MODEL --board {job.board.id}`.",
        ) from None
    if cargo.board != job.board.id:
        raise FlashError(
            f"the firmware is for {cargo.board}, not for {job.board.id}",
            hint=f"Build it for this board: `edgekit build MODEL --board {job.board.id}`.",
        )
    return cargo


def _over_ssh(job: Job, port: str, cargo: Cargo) -> Flashed:
    machine = (
        ssh.run(port, _MACHINE, timeout_s=job.timeout_s).decode(errors="replace").strip("\0\n")
    )
    if cargo.machine not in machine:
        raise FlashError(
            f"wrong machine: {port} is {machine or 'no board that says what it is'},"
            f" not a {cargo.machine}",
            hint="`edgekit boards` lists the boards; name the right one with --board.",
        )
    job.progress(0, len(job.file))
    timeout_s = job.timeout_s + len(job.file) / _SLOWEST_BYTES_PER_S
    said = ssh.run(port, _COPY, stdin=job.file, timeout_s=timeout_s).decode(errors="replace")
    if said.split()[:1] != [artifacts.sha256(job.file)]:
        raise FlashError(f"{port} has another file than was sent", hint="Flash again.")
    job.progress(len(job.file), len(job.file))
    return Flashed("agent", f"{port} ~/{ssh.AGENT}", len(job.file), "read back")
