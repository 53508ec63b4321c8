"""Linked images: what of an ELF file goes into flash, and what each section takes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Literal

from elftools.elf.elffile import ELFFile

from edgekit.artifacts import Section
from edgekit.boards import boot2
from edgekit.boards.schema import Memory

STACK_SECTION = ".stack"
_STACK_SYMBOLS = ("ek_stack_low", "ek_stack_top")
_ALLOCATED = 0x2


@dataclass(frozen=True, slots=True)
class Image:
    """An ELF file, the flash image cut from it, and its sections without the reserved stack.

    `stack_bytes` is the stack that the model runs on; what a second core has of its own is apart.
    """

    elf: bytes
    flash: bytes
    sections: tuple[Section, ...]
    stack_bytes: int

    @property
    def ram_bytes(self) -> int:
        """data + bss."""
        return sum(section.bytes for section in self.sections if section.memory != "flash")


def read(elf: bytes, memory: Memory) -> Image:
    """The image of an ELF file for a board's memories; a second-stage boot gets its checksum."""
    sealed = _with_boot2_checksum(elf)
    file = ELFFile(io.BytesIO(sealed))
    flash = _flash_image(file, memory.flash.base)
    return Image(sealed, flash, _sections(file, memory), _stack_bytes(file))


def _with_boot2_checksum(elf: bytes) -> bytes:
    section = ELFFile(io.BytesIO(elf)).get_section_by_name(boot2.SECTION)
    if section is None:
        return elf
    start = section["sh_offset"]
    end = start + section["sh_size"]
    return elf[:start] + boot2.seal(elf[start:end]) + elf[end:]


def _flash_image(file: Any, base: int) -> bytes:
    """Every loaded segment at its load address, gaps as erased flash has them."""
    image = bytearray()
    for segment in sorted(file.iter_segments("PT_LOAD"), key=lambda found: found["p_paddr"]):
        if segment["p_filesz"] == 0:
            continue
        offset = segment["p_paddr"] - base
        assert offset >= len(image), "the linker script loads something outside flash"
        image += b"\xff" * (offset - len(image)) + segment.data()
    return bytes(image)


def _sections(file: Any, memory: Memory) -> tuple[Section, ...]:
    return tuple(
        Section(name=section.name, bytes=section["sh_size"], memory=_place(section, memory))
        for section in file.iter_sections()
        if section["sh_flags"] & _ALLOCATED and section["sh_size"] and section.name != STACK_SECTION
    )


def _stack_bytes(file: Any) -> int:
    symbols = file.get_section_by_name(".symtab")
    (low,), (top,) = (symbols.get_symbol_by_name(name) for name in _STACK_SYMBOLS)
    return int(top["st_value"] - low["st_value"])


def _place(section: Any, memory: Memory) -> Literal["flash", "ram", "both"]:
    if section["sh_type"] == "SHT_NOBITS":
        return "ram"
    in_ram = section["sh_addr"] >= memory.ram.base and memory.ram.base > memory.flash.base
    return "both" if in_ram else "flash"
