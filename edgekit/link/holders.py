"""Who has a port open."""

from __future__ import annotations

from pathlib import Path

import psutil

_PROC = Path("/proc")


def holders(port: str) -> tuple[str, ...]:
    """Processes that have `port` open, as ``name (pid N)``.

    Empty where that cannot be known: other systems than Linux, and other users' processes.
    """
    device = Path(port).resolve()
    return tuple(_describe(pid) for pid in psutil.pids() if _has_open(pid, device))


def _has_open(pid: int, device: Path) -> bool:
    # psutil lists open regular files only, and a port is a character device.
    try:
        return any(entry.readlink() == device for entry in (_PROC / str(pid) / "fd").iterdir())
    except OSError:  # gone, not ours, or no /proc
        return False


def _describe(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
