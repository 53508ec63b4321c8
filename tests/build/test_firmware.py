"""Firmware images: where everything lies, what they are made of, and what is refused."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import shutil
import struct
from pathlib import Path

import msgspec
import pytest
from elftools.elf.elffile import ELFFile
from support import tiny_model

from edgekit import artifacts, boards
from edgekit.artifacts import CompiledModel, Firmware, PortableLayers
from edgekit.boards import Board, uf2
from edgekit.build import firmware, toolchain
from edgekit.cli import summaries
from edgekit.emulate.unicorn.bootrom import boot2_problem
from edgekit.errors import BoardError, DoesNotFitError, InputError, MissingToolError, ToolError
from edgekit.units import format_bytes

PICO = boards.load("pico")
FLASH, RAM = PICO.memory.flash.base, PICO.memory.ram.base
COMPILERS = [
    pytest.param(
        "gcc",
        marks=pytest.mark.skipif(
            not shutil.which("arm-none-eabi-gcc"), reason="arm-none-eabi-gcc is not installed"
        ),
    ),
    pytest.param(
        "zig",
        marks=pytest.mark.skipif(
            not importlib.util.find_spec("ziglang"), reason="ziglang is not installed"
        ),
    ),
]
# Initialised data, and arithmetic that a Cortex-M0+ leaves to the compiler's library.
EXTRA_C = """
static volatile int64_t ek_test_initialised[2] = {0x1122334455667788, 7};
__attribute__((section(".time_critical"), noinline)) static void ek_test_hot(void)
{
    ek_test_initialised[1] = ek_test_initialised[0] / ek_test_initialised[1];
}
"""
STEP_C = "ek_test_hot();"


def _board(**memory: str) -> Board:
    """A Pico with other sizes: flash, ram, reserve."""
    flash = msgspec.structs.replace(PICO.memory.flash, size=memory.pop("flash", "2 MiB"))
    ram = msgspec.structs.replace(
        PICO.memory.ram,
        size=memory.pop("ram", "264 KiB"),
        reserve=memory.pop("reserve", "16 KiB"),
    )
    return msgspec.structs.replace(PICO, memory=boards.Memory(flash=flash, ram=ram))


@pytest.fixture(scope="module", params=COMPILERS)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Firmware, Path]:
    folder = tmp_path_factory.mktemp("firmware")
    compiled = tiny_model.write(folder / "c", extra_c=EXTRA_C, step_c=STEP_C)
    compiled = msgspec.structs.replace(
        compiled, portable=(PortableLayers(op="SOFTMAX", layers=1, share=0.0),)
    )
    made = firmware.build(compiled, folder / "c", PICO, folder, compiler=request.param)
    return made, folder


def _symbols(folder: Path) -> dict[str, int]:
    file = ELFFile(io.BytesIO((folder / "firmware.elf").read_bytes()))
    return {
        entry.name: entry["st_value"]
        for entry in file.get_section_by_name(".symtab").iter_symbols()
    }


def test_the_boot_rom_accepts_the_image(built: tuple[Firmware, Path]) -> None:
    image = (built[1] / "firmware.bin").read_bytes()
    assert boot2_problem(image) == ""
    elf = ELFFile(io.BytesIO((built[1] / "firmware.elf").read_bytes()))
    assert elf.get_section_by_name(".boot2").data() == image[:256]


def test_the_vectors_follow_the_second_stage_boot(built: tuple[Firmware, Path]) -> None:
    image = (built[1] / "firmware.bin").read_bytes()
    symbols = _symbols(built[1])
    stack, entry, nmi, fault = struct.unpack_from("<4I", image, 256)
    assert stack == symbols["ek_stack_top"] == RAM + 14 * 1024  # above it is core 1's
    assert entry == symbols["Reset_Handler"]
    assert entry & 1
    assert nmi == fault == symbols["HardFault_Handler"]
    assert FLASH + 256 < entry < FLASH + len(image)


def test_the_stack_is_lowest_so_that_an_overflow_leaves_ram(built: tuple[Firmware, Path]) -> None:
    symbols = _symbols(built[1])
    assert symbols["ek_stack_low"] == RAM
    assert symbols["ek_data_start"] >= symbols["ek_stack_top"]


def test_initial_values_lie_where_startup_copies_them_from(built: tuple[Firmware, Path]) -> None:
    image = (built[1] / "firmware.bin").read_bytes()
    symbols = _symbols(built[1])
    at = symbols["ek_test_initialised"] - symbols["ek_data_start"] + symbols["ek_data_load"]
    assert struct.unpack_from("<2q", image, at - FLASH) == (0x1122334455667788, 7)


def test_hot_code_runs_from_ram(built: tuple[Firmware, Path]) -> None:
    symbols = _symbols(built[1])
    assert symbols["ek_data_start"] <= symbols["ek_test_hot"] < symbols["ek_data_end"]


def test_the_uf2_file_writes_the_image(built: tuple[Firmware, Path]) -> None:
    image = (built[1] / "firmware.bin").read_bytes()
    found = uf2.decode((built[1] / "firmware.uf2").read_bytes())
    assert found.family == PICO.flash.family
    addresses = [address for address, _ in found.blocks]
    assert addresses == list(range(FLASH, FLASH + len(image), 256))
    assert b"".join(data for _, data in found.blocks) == image + b"\xff" * (-len(image) % 256)


def test_the_record_has_a_line_for_what_stays_portable(built: tuple[Firmware, Path]) -> None:
    assert built[0].portable == "SOFTMAX: edgekit has nothing faster for these cores"
    assert any("portable C SOFTMAX" in str(said) for said in summaries.firmware(built[0]))


def test_the_record_describes_the_image(built: tuple[Firmware, Path]) -> None:
    made, folder = built
    image = (folder / "firmware.bin").read_bytes()
    symbols = _symbols(folder)
    assert artifacts.load(Firmware, folder / "firmware.json") == made
    assert made.image_sha256 == artifacts.sha256(image)
    assert made.flash_bytes == len(image)
    assert made.ram_bytes == symbols["ek_bss_end"] - symbols["ek_data_start"]
    assert made.stack_reserved_bytes == symbols["ek_stack_top"] - symbols["ek_stack_low"]
    assert made.stack_reserved_bytes == (16 - 2) * 1024  # two of the reserve are core 1's
    assert made.ram_available_bytes == (264 - 16) * 1024
    assert (made.model_name, made.model_sha256) == ("tiny", tiny_model.SHA256)


def test_sections_add_up_to_the_memories(built: tuple[Firmware, Path]) -> None:
    made = built[0]
    place = {section.name: section.memory for section in made.sections}
    assert place[".text"] == place[".vectors"] == "flash"
    assert (place[".data"], place[".bss"]) == ("both", "ram")
    flash = sum(section.bytes for section in made.sections if section.memory != "ram")
    assert flash <= made.flash_bytes < flash + 64  # alignment
    assert sum(s.bytes for s in made.sections if s.memory != "flash") == made.ram_bytes


def test_the_same_model_gives_the_same_image(built: tuple[Firmware, Path], tmp_path: Path) -> None:
    compiled = tiny_model.write(tmp_path / "elsewhere", extra_c=EXTRA_C, step_c=STEP_C)
    kind = "gcc" if "gcc" in built[0].compiler else "zig"
    again = firmware.build(compiled, tmp_path / "elsewhere", PICO, tmp_path, compiler=kind)
    assert again.image_sha256 == built[0].image_sha256


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_firmware_compiles_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: toolchain.Compiler
) -> None:
    def strict(*arguments: object) -> toolchain.Toolchain:
        found = toolchain.find(PICO.core, compiler)
        return dataclasses.replace(found, flags=(*found.flags, "-Werror"))

    monkeypatch.setattr(firmware, "find", strict)
    firmware.build(tiny_model.write(tmp_path), tmp_path, PICO, tmp_path)


def _unfit(compiled: CompiledModel, sources: Path, board: Board, out: Path) -> str:
    with pytest.raises(DoesNotFitError) as caught:
        firmware.build(compiled, sources, board, out)
    assert not out.exists()
    return caught.value.message


def test_the_linked_image_is_measured_against_both_memories(tmp_path: Path) -> None:
    compiled = tiny_model.write(tmp_path / "c")
    fits = firmware.build(compiled, tmp_path / "c", PICO, tmp_path / "fits")
    flash, ram = fits.flash_bytes, fits.ram_bytes
    small = _board(flash="2 KiB", ram=f"{16 * 1024 + ram - 8} B")
    message = _unfit(compiled, tmp_path / "c", small, tmp_path / "out")
    assert f"flash: needs {format_bytes(flash)}, pico has 2 048 B" in message
    assert f": {format_bytes(flash - 2048)} too much" in message
    assert f"RAM: needs {format_bytes(ram)}, pico has {format_bytes(ram - 8)} beside" in message
    assert "the stack of 16 KiB: 8 B too much" in message


@pytest.mark.parametrize(("spare", "refused"), [(0, False), (-1, True)])
def test_flash_may_be_filled_to_the_last_byte(tmp_path: Path, spare: int, refused: bool) -> None:
    compiled = tiny_model.write(tmp_path / "c")
    needed = firmware.build(compiled, tmp_path / "c", PICO, tmp_path / "fits").flash_bytes
    board = _board(flash=f"{needed + spare} B")
    if refused:
        assert "1 B too much" in _unfit(compiled, tmp_path / "c", board, tmp_path / "out")
    else:
        firmware.build(compiled, tmp_path / "c", board, tmp_path / "out")


def test_what_cannot_fit_is_refused_before_anything_is_compiled(tmp_path: Path) -> None:
    compiled = msgspec.structs.replace(
        tiny_model.write(tmp_path / "c"), arena_bytes=300_000, weights_bytes=3 << 20
    )
    message = _unfit(compiled, tmp_path / "there_are_no_sources", PICO, tmp_path / "out")
    assert "RAM: needs at least 300 000 B" in message
    assert "46 048 B (45.0 KiB) too much" in message
    assert "flash: needs at least 3 145 728 B" in message


def test_a_model_for_another_runtime_is_refused(tmp_path: Path) -> None:
    compiled = msgspec.structs.replace(tiny_model.write(tmp_path), runtime="tflm")
    with pytest.raises(InputError, match="tflm runtime"):
        firmware.build(compiled, tmp_path, PICO, tmp_path / "out")


def test_a_board_without_a_template_is_refused(tmp_path: Path) -> None:
    board = msgspec.structs.replace(PICO, template=None)
    with pytest.raises(BoardError, match="builds no firmware"):
        firmware.build(tiny_model.write(tmp_path), tmp_path, board, tmp_path / "out")


def test_what_the_compiler_says_is_passed_on(tmp_path: Path) -> None:
    compiled = tiny_model.write(tmp_path / "c", extra_c="\n#error out of cheese\n")
    with pytest.raises(ToolError, match="out of cheese"):
        firmware.build(compiled, tmp_path / "c", PICO, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_gcc_is_preferred_and_zig_serves_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(toolchain, "run_tool", lambda *args, **rest: b"12.2.1\n")
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert toolchain.find(PICO.core).version == "arm-none-eabi-gcc 12.2.1"
    assert toolchain.find(PICO.core, "zig").kind == "zig"
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    assert toolchain.find(PICO.core).kind == "zig"
    with pytest.raises(MissingToolError) as caught:
        toolchain.find(PICO.core, "gcc")
    assert "gcc-arm-none-eabi" in caught.value.hint


def test_without_any_compiler_the_hint_installs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    monkeypatch.setattr(toolchain.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError) as caught:
        toolchain.find(PICO.core)
    assert "pip install 'edgekit[zig]'" in caught.value.hint
    with pytest.raises(MissingToolError):
        toolchain.host_compiler()
