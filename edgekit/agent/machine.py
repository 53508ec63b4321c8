"""What a Linux machine tells of itself: what it is, how hot, and whether it is held back."""

from __future__ import annotations

import subprocess
from pathlib import Path

from edgekit.protocol.replies import Health

_SYS = Path("/sys")
_MODEL = Path("/proc/device-tree/model")
_STATUS = Path("/proc/self/status")
_TEMPERATURE = "class/thermal/thermal_zone0/temp"
_CLOCK_KHZ = "devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"
_THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"
_VCGENCMD_TIMEOUT_S = 2.0


def health(threads: int, sys: Path = _SYS) -> Health:
    """How the machine is right now; `sys` is where Linux shows its devices."""
    temperature = _number(sys / _TEMPERATURE)
    return Health(
        temperature=Health.UNKNOWN_TEMPERATURE if temperature is None else temperature,
        throttled=_throttled(sys),
        clock_hz=(_number(sys / _CLOCK_KHZ) or 0) * 1000 % 2**32,
        threads=threads,
    )


def model(path: Path = _MODEL) -> str:
    """What the machine's device tree calls it, "" where there is none."""
    return (_text(path) or "").rstrip("\0")


def resident_bytes(status: Path = _STATUS) -> int:
    """The memory that this process has in RAM; 0 where that is not told."""
    for line in (_text(status) or "").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _throttled(sys: Path) -> int:
    """The firmware's word, from the kernel where it is told there, else from its own tool."""
    text = _text(sys / _THROTTLED)
    if text is None and sys == _SYS:
        text = _vcgencmd()
    try:
        return int((text or "").strip().removeprefix("throttled="), 16)
    except ValueError:
        return Health.UNKNOWN_THROTTLING


def _vcgencmd() -> str | None:
    try:
        done = subprocess.run(
            ["vcgencmd", "get_throttled"],
            capture_output=True,
            timeout=_VCGENCMD_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("ascii", "replace")


def _number(path: Path) -> int | None:
    try:
        return int((_text(path) or "").strip())
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
