"""No kernel gets slower unseen: the short benchmark against what was kept."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support import qemu

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def _results() -> ModuleType:
    spec = importlib.util.spec_from_file_location("results", BENCHMARKS / "results.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["results"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.emulator
@qemu.NEEDS_QEMU
def test_nothing_costs_two_percent_more_than_it_did() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "measure.py"), "--short"],
        capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_regression_is_two_percent_of_the_same_measurement() -> None:
    results = _results()
    kept = results.load()
    assert kept
    one = next(iter(kept.values()))

    def after(**changes: object) -> list[str]:
        changed = type(one)(
            **{name: getattr(one, name) for name in one.__struct_fields__} | changes
        )
        return list(results.regressions(kept, [changed]))

    assert after(count=int(one.count * 1.01)) == []
    (line,) = after(count=int(one.count * 1.03))
    assert f"{one.count:,}" in line
    assert after(count=one.count * 2, compiler="another 1.0") == []
    assert after(count=one.count * 2, model_sha256="0" * 64) == []


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    results = _results()
    kept = results.load()
    results.save(kept.values(), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == results.RESULTS.read_bytes()
