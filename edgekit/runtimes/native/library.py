"""Kernels as functions of this process: compiled by the machine's own compiler, once, and kept."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edgekit.artifacts import sha256
from edgekit.errors import ToolError
from edgekit.paths import cache_folder, kernels_folder
from edgekit.process import host_compiler, run_tool

_FLAGS = ("-std=gnu11", "-O3", "-march=native", "-shared", "-fPIC", "-fno-sanitize=undefined", "-w")
_ZIG_CACHES = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")
_BUILD_TIMEOUT_S = 120.0
_INCLUDE = re.compile(r'^#include "((?:host/)?ek_\w+\.h)"', re.MULTILINE)
_ENTRY = "edgekit_kernel"
_RUNNER = '#include "host/ek_host_run.h"\n'


@dataclass(frozen=True, slots=True)
class Signature:
    """What a kernel is called with: its parameters by name, in their order, and its pointers."""

    function: str
    header: str
    parameters: tuple[str, ...]
    arguments: int

    def source(self) -> str:
        """C of one function that takes the parameters as int32 values and the pointers as a list,
        whatever the kernel."""
        values = ", ".join(f".{name} = v[{at}]" for at, name in enumerate(self.parameters))
        pointers = "".join(f", a[{at}]" for at in range(self.arguments))
        return (
            f'#include "{self.header}"\n'
            f"void {_ENTRY}(const int32_t *v, void *const *a)\n"
            "{\n"
            f"    const {self.function}_params p = {{{values}}};\n"
            f"    {self.function}(&p{pointers});\n"
            "}\n"
        )


@dataclass(frozen=True, slots=True)
class Functions:
    """Addresses: of each kernel, and of the C function that runs a list of their calls."""

    kernels: dict[Signature, int]
    run: ctypes._CFuncPtr  # type: ignore[name-defined, unused-ignore]


def load(signatures: Iterable[Signature]) -> Functions:
    """The kernels, compiled unless they are kept from before, as many at once as there are cores.

    Raises `MissingToolError` without a C compiler, and `ToolError` when it fails or what it made
    does not load.
    """
    wanted = {found: found.source() for found in signatures}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runner, *built = pool.map(_library, [_RUNNER, *wanted.values()])
    return Functions(
        {found: _address(at, _ENTRY) for found, at in zip(wanted, built, strict=True)},
        runner.ek_host_run,
    )


def _address(library: ctypes.CDLL, name: str) -> int:
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert address is not None
    return address


@cache
def _library(source: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(_built(source)))
    except OSError as error:
        raise ToolError(f"a kernel compiled for this machine does not load: {error}") from None


def _built(source: str) -> Path:
    """The shared library of a C source that includes kernels; whole or not there at all."""
    compiler = host_compiler()
    target = cache_folder() / f"kernel-{_key(source, compiler)[:24]}.so"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        written, made = Path(folder) / "kernel.c", Path(folder) / "kernel.so"
        written.write_text(source, encoding="utf-8")
        run_tool(
            [*compiler, *_FLAGS, f"-I{kernels_folder()}", str(written), "-o", str(made)],
            timeout_s=_BUILD_TIMEOUT_S,
            env={**os.environ, **dict.fromkeys(_ZIG_CACHES, str(cache_folder() / "zig"))},
        )
        made.replace(target)
    return target


def _key(source: str, compiler: tuple[str, ...]) -> str:
    """What the compiled code depends on; a cache may be shared by machines with other CPUs."""
    parts = [source, *_included(source), repr(compiler), repr(_FLAGS), sys.platform, _cpu()]
    return sha256("\0".join(parts).encode())


def _included(source: str) -> list[str]:
    """The text of every header that a source includes, at any depth."""
    found: dict[str, str] = {}
    waiting = _INCLUDE.findall(source)
    while waiting:
        header = waiting.pop()
        if header not in found:
            found[header] = (kernels_folder() / header).read_text(encoding="utf-8")
            waiting += _INCLUDE.findall(found[header])
    return [found[header] for header in sorted(found)]


@cache
def _cpu() -> str:
    """What this CPU can do, as far as Linux says."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    lines = [line for line in text.splitlines() if line.lower().startswith(("flags", "features"))]
    return platform.machine() + (lines[0] if lines else platform.processor())
