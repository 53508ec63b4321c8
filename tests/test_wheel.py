"""What people install is the wheel, not the checkout.

Plain pytest builds it and looks for one file of each kind; the slow tests look for all, and run
from it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(out), str(ROOT)], check=True, timeout=120)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_installed(installed: Path, cwd: Path, *arguments: str) -> str:
    """Runs Python away from the checkout, with the wheel's files before the editable install."""
    env = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_has_boards_templates_and_kernels(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "edgekit/_data/boards/pico.toml" in names
    assert any(name.startswith("edgekit/_data/firmware_templates/rp2040/") for name in names)
    assert "edgekit/kernels/ek_conv_2d_s8.h" in names
    assert not any(name.startswith(("boards/", "firmware_templates/", "tests/")) for name in names)


@pytest.mark.slow
def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "edgekit", "boards", "firmware_templates"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        name if name.startswith("edgekit/") else f"edgekit/_data/{name}"
        for name in listed.stdout.splitlines()
        if not Path(name).name.startswith(".")
    }
    assert not expected - names


@pytest.mark.slow
def test_tests_pass_from_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    where = run_installed(installed, tmp_path, "-c", "import edgekit; print(edgekit.__file__)")
    assert Path(where.strip()).is_relative_to(installed)
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=compiled)
    pytest_command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    chosen = ["tests/boards", "tests/protocol", "tests/test_smoke.py"]
    configuration = ["-c", str(ROOT / "pyproject.toml")]
    run_installed(installed, tmp_path, *pytest_command, *configuration, *chosen)
