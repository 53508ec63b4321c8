"""Makes a folder with an arm64 Debian's Python and tflite-runtime in it, which qemu-user runs.

    python tests/support/arm64_userland.py FOLDER

Downloads 45 MB through apt-get and pip, and installs nothing on this machine. Needs a Debian or
Ubuntu whose mirrors have arm64. Tests find the folder by the variable EDGEKIT_ARM64_USERLAND.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PYTHON = "usr/bin/python3.11"
SITE = "opt/site"
_PACKAGES = ("python3.11-minimal", "libpython3.11-stdlib", "libstdc++6")
# ai-edge-litert 2.3 ends in a segmentation fault under qemu-user 7.2, as soon as it is made.
_WHEELS = ("tflite-runtime==2.14.0", "numpy<2")
_PLATFORMS = ("manylinux_2_34_aarch64", "manylinux2014_aarch64")
_APT = """\
APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "root";
"""
_TIMEOUT_S = 600


def make(root: Path) -> None:
    """Fills the folder."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for package in _debs(Path(folder)):
            _run(["dpkg-deb", "-x", str(package), str(root)])
        wheels = Path(folder, "wheels")
        platforms = [part for name in _PLATFORMS for part in ("--platform", name)]
        _run([sys.executable, "-m", "pip", "download", "-q", "--only-binary", ":all:", "--no-deps",
              *platforms, "--python-version", "311", "-d", str(wheels), *_WHEELS])  # fmt: skip
        for wheel in sorted(wheels.glob("*.whl")):
            _run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(root / SITE)])


def _debs(folder: Path) -> list[Path]:
    """arm64 packages with all that they need, in apt's folders of its own."""
    for place in ("state/lists/partial", "cache/archives/partial"):
        (folder / place).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "apt.conf").write_text(_APT.format(folder=folder))
    env = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
    _run(["apt-get", "update", "-q"], env)
    _run(["apt-get", "install", "-q", "-y", "--download-only", "--no-install-recommends",
          *_PACKAGES], env)  # fmt: skip
    return sorted((folder / "cache/archives").glob("*.deb"))


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, timeout=_TIMEOUT_S, env=env)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
