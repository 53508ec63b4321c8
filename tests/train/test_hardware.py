from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgekit.tensorflow_loader import tensorflow
from edgekit.train import Hardware, hardware

GPUS = ["/physical_device:GPU:0", "/physical_device:GPU:1"]


class Config:
    """TensorFlow's, of a machine with these GPUs."""

    def __init__(self, gpus: list[str], in_use: bool = False) -> None:
        self.gpus, self.in_use, self.grown = gpus, in_use, list[Any]()
        self.experimental = SimpleNamespace(
            set_memory_growth=self._grow,
            get_device_details=lambda gpu: {"device_name": f"NVIDIA {gpu[-1]}"},
        )

    def list_physical_devices(self, kind: str) -> list[str]:
        assert kind == "GPU"
        return self.gpus

    def _grow(self, gpu: str, yes: bool) -> None:
        if self.in_use:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        self.grown.append((gpu, yes))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    def having(*gpus: str, in_use: bool = False) -> Config:
        config = Config(list(gpus), in_use)
        monkeypatch.setattr(tensorflow("a test"), "config", config)
        return config

    return having


def test_a_gpu_is_named_and_its_memory_left_to_others(machine: Any) -> None:
    config = machine(*GPUS)
    assert hardware() == Hardware("NVIDIA 0")  # TensorFlow puts operations on the first
    assert config.grown == [(gpu, True) for gpu in GPUS]


def test_a_gpu_in_use_is_used_all_the_same(machine: Any) -> None:
    assert machine(*GPUS, in_use=True).grown == []
    assert hardware().name == "NVIDIA 0"


def test_an_idle_gpu_is_pointed_out(machine: Any, tmp_path: Path) -> None:
    machine()
    driver = tmp_path / "version"
    assert hardware(driver) == Hardware("CPU")
    driver.write_text("NVRM version: 570\n")
    found = hardware(driver)
    assert found.name == "CPU"
    assert "tensorflow[and-cuda]" in (found.advice or "")
