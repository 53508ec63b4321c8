"""Who has a port open, on this machine."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil

_PROC = Path("/proc")


def holders(port: str) -> tuple[str, ...]:
    """Processes that hold `port`, as ``name (pid N)``: who locked it, else who has it open.

    An emulator keeps its own pty open without holding it. Empty where that cannot be known: on
    other systems than Linux, and for other users' processes.
    """
    device = Path(port).resolve()
    pids = [pid for pid in psutil.pids() if _has_open(pid, device)]
    lockers = _lockers(device)
    return tuple(_describe(pid) for pid in [pid for pid in pids if pid in lockers] or pids)


def clients(host: str, number: int, *, but: tuple[str, int] | None = None) -> tuple[str, ...]:
    """Processes that are connected to a TCP port, as ``name (pid N)``; `but` is our own end.

    Empty where that cannot be known: clients on other machines, other users', and on systems that
    tell only their administrator.
    """
    try:
        wanted = {found[4][0] for found in socket.getaddrinfo(host, number)}
        connections = psutil.net_connections("tcp")
    except (OSError, psutil.Error):
        return ()
    pids = {
        connection.pid: None
        for connection in connections
        if connection.status == psutil.CONN_ESTABLISHED
        and connection.pid is not None
        and connection.raddr
        and connection.raddr.port == number
        and connection.raddr.ip in wanted
        and tuple(connection.laddr) != but
    }
    return tuple(map(_describe, pids))


def _has_open(pid: int, device: Path) -> bool:
    # psutil lists open regular files only, and a port is a character device.
    try:
        return any(entry.readlink() == device for entry in (_PROC / str(pid) / "fd").iterdir())
    except OSError:  # gone, not ours, or no /proc
        return False


def _lockers(device: Path) -> set[int]:
    """Whose whole-file locks /proc/locks lists: ``1: FLOCK ADVISORY WRITE PID MAJ:MIN:INODE …``."""
    try:
        inode = str(device.stat().st_ino)
        lines = (_PROC / "locks").read_text().splitlines()
    except OSError:
        return set()
    locks = (fields for fields in map(str.split, lines) if len(fields) > 5 and fields[1] == "FLOCK")
    return {int(fields[4]) for fields in locks if fields[5].rpartition(":")[2] == inode}


def _describe(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
