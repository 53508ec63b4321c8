"""Every variant of the zoo, compiled: python benchmarks/zoo.py [--models DIR] [NAME ...].

At its own resolution: flash, planned RAM beside what TensorFlow Lite Micro takes, and what the
passes leave to move. At 32 x 32: the bytes of the generated C beside the oracle's, for 100 inputs.
Weights are not trained, which none of these figures depends on. Writes zoo.json beside this file
after each variant, and goes on where it was; docs/generate.py draws docs/zoo.md from it. With
--models, the int8 models are kept there, and made only once.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from edgekit import artifacts, paths, zoo
from edgekit.codegen import aot
from edgekit.codegen.optimizing import optimized
from edgekit.errors import ModelError
from edgekit.runtimes import litert, tflm
from edgekit.tflite import read_graph
from edgekit.zoo.network import Network

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # it knows how to wake a network up
from support.native import MAIN
from support.zoo_models import alive, int8_model

RESULTS = Path(__file__).with_name("zoo.json")
_SMALL, _INPUTS = 32, 100
_FLAGS = ("-std=c11", "-O1")


def main(models: Path, names: list[str]) -> None:
    """Adds what is missing to zoo.json."""
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"variants": []}
    found["with"] = {
        package: importlib.metadata.version(package)
        for package in ("edgekit", "tensorflow", "tflite-micro", "ai-edge-litert")
    } | {"compiler": _compiler_version(), "flags": " ".join(_FLAGS)}
    known = {_key(entry) for entry in found["variants"]}
    for entry in zoo.entries():
        if _key(entry) in known or (names and entry["name"] not in names):
            continue
        found["variants"].append(measured := {**entry, **_measure(entry, models)})
        print(_key(entry), json.dumps(measured["small"]), flush=True)
        artifacts.write_text(RESULTS, json.dumps(found, indent=1) + "\n")


def _key(entry: dict[str, Any]) -> str:
    return " ".join([entry["name"], *(f"{k}={v}" for k, v in entry["variant"].items())])


def _measure(entry: dict[str, Any], models: Path) -> dict[str, Any]:
    network = zoo.describe(entry["name"], **entry["variant"])
    changes = {**entry["variant"], "resolution": _SMALL, "classes": 10}
    small = zoo.describe(entry["name"], **changes)
    name = _key(entry).replace(" ", "_")
    return {
        "input": list(network.input.shape),
        "compiled": _compiled(_kept(models / f"{name}.tflite", network)),
        "small": _compared(_kept(models / f"{name}_{_SMALL}.tflite", small)),
    }


def _kept(path: Path, network: Network) -> bytes:
    """The int8 model, from `path` or made and written there."""
    if not path.exists():
        artifacts.write_bytes(path, int8_model(alive(network)))
    return path.read_bytes()


def _compiled(model: bytes) -> dict[str, Any]:
    """Figures of the model at its own resolution."""
    found = optimized(read_graph(model, "zoo"))
    before, after = found.effects[0], found.effects[-1]
    constants = [found for step in found.planned.steps for found in step.constants]
    return {
        "tflite_bytes": len(model),
        "flash_bytes": sum(constant.values.nbytes for constant in constants),
        "arena_bytes": found.planned.arena_bytes,
        "lower_bound_bytes": found.planned.lower_bound_bytes,
        "tflm_arena_bytes": _tflm_arena(model),
        "moving_steps": [before.moving_steps, after.moving_steps],
        "moved_bytes": [before.moved_bytes, after.moved_bytes],
    }


def _tflm_arena(model: bytes) -> int | None:
    try:
        return tflm.arena_bytes(model)
    except ModelError:  # a form that TFLM does not run
        return None


def _compared(model: bytes) -> dict[str, Any]:
    """The generated C beside the oracle: TFLM, or LiteRT's reference where TFLM cannot run it."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = aot.generate(model, "model", Path(folder))
        shape = (_INPUTS, *compiled.input.shape)
        x = np.random.default_rng(0).integers(-128, 128, shape, dtype=np.int8)
        found = _run_c(Path(folder), x).reshape(_INPUTS, -1)
    try:
        oracle, wanted = "tflm", tflm.run(model, x)
    except ModelError:
        oracle, wanted = "litert", litert.Interpreter(model).run(x)
    differing = (found != wanted.reshape(_INPUTS, -1)).any(axis=1).sum()
    return {
        "resolution": _SMALL,
        "inputs": _INPUTS,
        "oracle": oracle,
        "differing": int(differing),
        "distinct_answers": len(np.unique(found, axis=0)),
        "moving_steps": [compiled.passes[0].moving_steps, compiled.passes[-1].moving_steps],
    }


def _run_c(folder: Path, x: np.ndarray) -> np.ndarray:
    (folder / "main.c").write_text(MAIN)
    program = folder / "model"
    build = [*_compiler(), *_FLAGS, "-I", str(paths.kernels_folder()), "model.c", "main.c"]
    subprocess.run([*build, "-o", program], cwd=folder, check=True, timeout=1800)
    done = subprocess.run(
        [program], input=x.tobytes(), capture_output=True, check=True, timeout=600
    )
    return np.frombuffer(done.stdout, np.int8)


def _compiler() -> list[str]:
    gcc = shutil.which("gcc")
    return [gcc] if gcc else [sys.executable, "-m", "ziglang", "cc"]


def _compiler_version() -> str:
    done = subprocess.run([*_compiler(), "--version"], capture_output=True, text=True, timeout=60)
    return done.stdout.splitlines()[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compile every variant of the zoo and compare.")
    parser.add_argument("--models", type=Path, help="keep the int8 models here")
    parser.add_argument("names", nargs="*", metavar="NAME", help="architectures; default: all")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        main(given.models or Path(temporary), given.names)
