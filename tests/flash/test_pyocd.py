"""pyOCD's Python API, played by a chip that is a dictionary of memory behind a probe."""

from __future__ import annotations

import importlib.util
import inspect
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from edgekit import boards
from edgekit.errors import FlashError, MissingToolError, NoDeviceError
from edgekit.flash import flash

H7 = boards.load("nucleo-h743zi")
IMAGE = struct.pack("<2I", 0x2000_0400, 0x0800_0101) + bytes(range(256)) * 80  # with vectors


class OcdError(RuntimeError):
    """pyocd.core.exceptions.Error."""


class Chip:
    """A chip's memory, and what was done to it."""

    def __init__(self, idcode: int = 0x2003_6450) -> None:
        assert H7.flash.identity is not None
        self.words = {H7.flash.identity.address: idcode}
        self.flash = bytearray(b"\xff" * (64 << 10))
        self.resets = 0
        self.damage: Callable[[bytearray], None] = lambda flash: None

    def read32(self, address: int) -> int:
        return self.words[address]

    def read_memory_block8(self, address: int, count: int) -> list[int]:
        offset = address - H7.memory.flash.base
        return list(self.flash[offset : offset + count])

    def reset(self) -> None:
        self.resets += 1


class Probe:
    def __init__(self, unique_id: str, chip: Chip) -> None:
        self.unique_id, self.description, self.chip = unique_id, "a probe", chip


class Session:
    """pyocd.core.session.Session, as far as it is used."""

    opened: list[dict[str, object]]
    fails_with = ""

    def __init__(self, probe: Probe, *, options: dict[str, object]) -> None:
        self.target, self._options, self.is_open = probe.chip, options, False

    def __enter__(self) -> Session:
        if type(self).fails_with:
            raise OcdError(type(self).fails_with)
        type(self).opened.append(self._options)
        self.is_open = True
        return self

    def __exit__(self, *_: object) -> None:
        self.is_open = False


class FileProgrammer:
    def __init__(self, session: Session, *, progress: Any, chip_erase: str) -> None:
        assert session.is_open
        assert chip_erase == "sector"
        self._session, self._progress = session, progress

    def program(self, file: Any, *, file_format: str, base_address: int) -> None:
        assert file_format == "bin"
        image = file.read()
        chip = self._session.target
        offset = base_address - H7.memory.flash.base
        for part in range(4):
            self._progress(part / 4)
        chip.flash[offset : offset + len(image)] = image
        chip.damage(chip.flash)
        self._progress(1.0)


Probes = list[Probe]


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> Probes:
    """The probes that are plugged in, for the package that stands in for pyOCD."""
    found: Probes = []

    class ConnectHelper:
        @staticmethod
        def get_all_connected_probes(*, blocking: bool, unique_id: str | None) -> Probes:
            assert blocking is False  # it would wait for ever
            return [probe for probe in found if unique_id is None or unique_id in probe.unique_id]

    Session.opened, Session.fails_with = [], ""
    parts = {
        "pyocd": {}, "pyocd.core": {}, "pyocd.flash": {},
        "pyocd.core.exceptions": {"Error": OcdError},
        "pyocd.core.helpers": {"ConnectHelper": ConnectHelper},
        "pyocd.core.session": {"Session": Session},
        "pyocd.flash.file_programmer": {"FileProgrammer": FileProgrammer},
    }  # fmt: skip
    for name, contents in parts.items():
        module = ModuleType(name)
        module.__dict__.update(contents)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("edgekit.flash.pyocd.is_available", lambda: True)
    return found


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "firmware.bin"
    path.write_bytes(IMAGE)
    return path


def test_an_image_is_written_read_back_and_started(probes: Probes, image: Path) -> None:
    chip = Chip()
    probes.append(Probe("066D", chip))
    heard: list[tuple[int, int]] = []
    done = flash(image, H7, progress=lambda *seen: heard.append(seen))
    assert bytes(chip.flash[: len(IMAGE)]) == IMAGE
    assert chip.resets == 1
    assert (done.method, done.checked) == ("pyocd", "read back")
    assert done.place == "0x08000000 by a probe, serial number 066D"
    assert heard[0] == (0, len(IMAGE))
    assert heard[-1] == (len(IMAGE), len(IMAGE))
    assert Session.opened[0]["target_override"] == "stm32h743xx"


def test_another_chip_is_refused_before_it_is_written(probes: Probes, image: Path) -> None:
    chip = Chip(idcode=0x1000_0421)
    probes.append(Probe("066D", chip))
    with pytest.raises(FlashError, match="has 0x421, nucleo-h743zi's has 0x450"):
        flash(image, H7)
    assert set(chip.flash) == {0xFF}


def test_a_difference_is_found_and_placed(probes: Probes, image: Path) -> None:
    chip = Chip()

    def damage(flash: bytearray) -> None:
        flash[17_000] ^= 4

    chip.damage = damage
    probes.append(Probe("066D", chip))
    with pytest.raises(FlashError, match=f"differently from 0x{0x0800_0000 + 17_000:08x} on"):
        flash(image, H7)
    assert chip.resets == 0


def test_no_probe_is_no_device(probes: Probes, image: Path) -> None:
    with pytest.raises(NoDeviceError, match="no debug probe for the ST Nucleo-H743ZI") as caught:
        flash(image, H7)
    assert "udev" in caught.value.hint


def test_several_probes_are_told_apart_by_serial_number(probes: Probes, image: Path) -> None:
    chips = [Chip(), Chip()]
    probes += [Probe("066D", chips[0]), Probe("077E", chips[1])]
    with pytest.raises(NoDeviceError, match="066D") as caught:
        flash(image, H7)
    assert "077E" in caught.value.message
    assert "--serial" in caught.value.hint
    flash(image, H7, serial="077E")
    assert [chip.resets for chip in chips] == [0, 1]
    with pytest.raises(NoDeviceError, match="with the serial number 088F"):
        flash(image, H7, serial="088F")


@pytest.mark.parametrize(
    ("said", "kind", "hint"),
    [
        ("Target type stm32h743xx not recognized", FlashError, "pyocd pack install stm32h743xx"),
        ("Access denied (insufficient permissions)", NoDeviceError, "udev"),
        ("No ACK received", FlashError, "Check the wires"),
    ],
)
def test_what_pyocd_cannot_do_is_explained(
    probes: Probes, image: Path, said: str, kind: type[Exception], hint: str
) -> None:
    probes.append(Probe("066D", Chip()))
    Session.fails_with = said
    with pytest.raises(kind) as caught:
        flash(image, H7)
    assert said in str(caught.value)
    assert hint in caught.value.hint  # type: ignore[attr-defined]


def test_without_the_package_its_name_is_told(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgekit.flash.pyocd.is_available", lambda: False)
    with pytest.raises(MissingToolError, match="pyocd is not installed") as caught:
        flash(image, H7, method="pyocd")
    assert "edgekit[pyocd]" in caught.value.hint


@pytest.mark.skipif(importlib.util.find_spec("pyocd") is None, reason="needs pyocd")
def test_the_real_package_has_what_we_call() -> None:
    from pyocd.core.helpers import ConnectHelper
    from pyocd.core.session import Session as RealSession
    from pyocd.flash.file_programmer import FileProgrammer as RealProgrammer
    from pyocd.target.builtin import BUILTIN_TARGETS

    assert {"blocking", "unique_id"} <= _names(ConnectHelper.get_all_connected_probes)
    assert "options" in _names(RealSession.__init__)
    assert {"session", "progress", "chip_erase"} <= _names(RealProgrammer.__init__)
    assert {"file_format", "kwargs"} <= _names(RealProgrammer.program)
    names = {boards.load(name).flash.names.get("pyocd", "") for name in boards.identifiers()}
    from_packs = {"stm32f446retx", "stm32u575zitxq"}
    assert names - {""} - from_packs <= set(BUILTIN_TARGETS)


def _names(function: Callable[..., object]) -> set[str]:
    return set(inspect.signature(function).parameters)
