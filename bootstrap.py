#!/usr/bin/env python3
"""From a fresh clone to a running project, with nothing but Python, pip and git.

    python3 bootstrap.py demo    set up, then run the main job on the embedded example
    python3 bootstrap.py test    set up, then run every check and test, as CI does
    python3 bootstrap.py setup   set up for development only

Installs into the active virtual environment, or else into .venv beside this file. Further
arguments go to `edgekit demo` or to pytest.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SUPPORTED = ((3, 10), (3, 13))  # what TensorFlow 2.21 has wheels for
EXTRAS = {"demo": "all", "test": "dev", "setup": "dev"}
# Debian packages for tests, and a program of each: emulated boards, a way to a Raspberry Pi, the
# second compiler.
PROGRAMS = {
    "qemu-system-arm": "qemu-system-arm",
    "openssh-server": "sshd",
    "gcc-arm-none-eabi": "arm-none-eabi-gcc",
}
CHECKS = (
    ("lint", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("architecture", ["lint-imports"]),
    ("generated docs", ["python", "docs/generate.py", "--check"]),
)


def main(arguments: list[str]) -> int:
    """Runs one job; its exit code is the job's."""
    job, rest = (arguments or [""])[0], arguments[1:]
    if job not in EXTRAS:
        print(__doc__)
        return 0 if job in ("-h", "--help") else 2
    use_supported_python()
    python = environment()
    install(python, EXTRAS[job])
    if job == "demo":
        return call([str(python), "-m", "edgekit", "demo", *rest])
    if job == "test":
        install_programs()
        failed = run_checks(python)
        for chosen in [rest] if rest else [[], ["-m", "slow"]]:
            failed |= call([str(python), "-m", "pytest", *chosen])
        return failed
    print(f"Ready: source {python.parent / 'activate'}")
    return 0


def use_supported_python() -> None:
    """Goes on with a Python that TensorFlow supports: this one, or another on the PATH."""
    low, high = SUPPORTED
    if low <= sys.version_info[:2] <= high:
        return
    for minor in range(high[1], low[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other and not in_virtual_environment():
            os.execv(other, [other, __file__, *sys.argv[1:]])
    version = ".".join(map(str, sys.version_info[:2]))
    sys.exit(
        f"error: this is Python {version}; edgekit with TensorFlow needs "
        f"{low[0]}.{low[1]} to {high[0]}.{high[1]}\n"
        "hint: run this script with one of those, for example python3.12 bootstrap.py"
    )


def in_virtual_environment() -> bool:
    """Whether the running Python belongs to a virtual environment."""
    return sys.prefix != sys.base_prefix


def environment() -> Path:
    """The Python to install into: the active environment's, or .venv's, made when missing."""
    if in_virtual_environment():
        return Path(sys.executable)
    folder = ROOT / ".venv"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        # Without pip: Debian keeps ensurepip in another package. Our own pip installs the first.
        print(f"Making a virtual environment in {folder}", flush=True)
        venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    if call([str(python), "-c", "import pip"], quiet=True):
        pip = importlib.util.find_spec("pip")
        if pip is None or not pip.submodule_search_locations:
            sys.exit("error: pip is not installed\nhint: apt-get install python3-pip")
        outer = [str(python), pip.submodule_search_locations[0]]
        must([*outer, "install", "--quiet", "--ignore-installed", "pip"])
    return python


def install(python: Path, extras: str) -> None:
    """Installs edgekit, editable, with an extra's packages. pip is quick when nothing is new."""
    print(f"Installing edgekit[{extras}] (TensorFlow is large: some minutes at first)", flush=True)
    started = time.monotonic()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    must([*pip, "--editable", f"{ROOT}[{extras}]"])
    print(f"Installed in {time.monotonic() - started:.0f} s", flush=True)


def install_programs() -> None:
    """Installs the programs that tests of boards need; without one, its tests are skipped."""
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    missing = [name for name, program in PROGRAMS.items() if not shutil.which(program, path=places)]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    may_install = shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0
    if may_install and not (call(["apt-get", "update"], quiet=True) or call(command, quiet=True)):
        print(f"Installed {', '.join(missing)}", flush=True)
    else:
        needed = ", ".join(missing)
        print(f"Tests that need {needed} are skipped. To run them: {' '.join(command)}", flush=True)


def run_checks(python: Path) -> int:
    """Runs what CI runs before the tests; all of it, so that one run shows everything."""
    failed = 0
    for name, command in CHECKS:
        tool = python.parent / command[0] if command[0] != "python" else python
        print(f"--- {name}: {' '.join(command)}", flush=True)
        failed |= call([str(tool), *command[1:]])
    return failed


def call(command: list[str], *, quiet: bool = False) -> int:
    """A command's exit code, run from the top of the project."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, cwd=ROOT, stdout=output, stderr=output).returncode


def must(command: list[str]) -> None:
    """Runs a command that has to succeed."""
    if code := call(command):
        print(f"error: failed with exit code {code}: {' '.join(command)}", file=sys.stderr)
        print("hint: pip's own message is above; is the network reachable?", file=sys.stderr)
        sys.exit(3)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nstopped")
