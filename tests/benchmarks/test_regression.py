"""No kernel gets slower unseen: the short benchmark against what was kept."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from msgspec import structs
from support import qemu

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    return importlib.import_module("results")


@pytest.fixture
def measure(results: ModuleType) -> ModuleType:
    return importlib.import_module("measure")


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.emulator
@qemu.NEEDS_QEMU
def test_nothing_costs_two_percent_more_than_it_did() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "measure.py"), "--short"],
        capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_regression_is_two_percent_of_the_same_measurement(results: ModuleType) -> None:
    kept = results.load()
    assert kept
    one = next(iter(kept.values()))

    def after(**changes: object) -> list[str]:
        changed = type(one)(
            **{name: getattr(one, name) for name in one.__struct_fields__} | changes
        )
        return list(results.regressions(results.compared(kept, [changed])))

    assert after(count=int(one.count * 1.01)) == []
    (line,) = after(count=int(one.count * 1.03))
    assert f"{one.count:,}" in line
    assert after(count=one.count * 2, compiler="another 1.0") == []
    assert after(count=one.count * 2, model_sha256="0" * 64) == []


def test_what_cannot_be_compared_is_no_pass(
    measure: ModuleType, results: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = next(iter(results.load().values()))

    def status(**changes: object) -> int:
        found = structs.replace(kept, **changes)
        monkeypatch.setattr(measure, "_measured", lambda *_: iter([found]))
        return int(measure.main(["--short"]))

    assert status() == 0
    assert status(count=2 * kept.count) == 1
    assert status(compiler="another 1.0") == 1


def test_what_is_kept_reads_back(results: ModuleType, tmp_path: Path) -> None:
    kept = results.load()
    results.save(kept.values(), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == results.RESULTS.read_bytes()
