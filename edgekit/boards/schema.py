"""What a board file may say: frozen records, one per table of `boards/<id>.toml`."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import field

from edgekit.artifacts import Record
from edgekit.errors import InputError
from edgekit.units import parse_size

_TEMPLATE = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+){0,2}")
_USB = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
_ADDRESS_LIMIT = 1 << 32


class Cpu(Record, frozen=True):
    """The processor. `core` is a table of `cores.toml`; `cores` how many of them.

    `kernels` is a family of kernels in place of the core's own, for firmware that shares the work
    of a layer among its cores.
    """

    core: str
    cores: int
    clock_hz: int
    kernels: str = ""

    def __post_init__(self) -> None:
        _require(self.cores > 0, f"cores is {self.cores}, and must be at least 1")
        _require(self.clock_hz > 0, f"clock_hz is {self.clock_hz}, and must be positive")


class Flash(Record, frozen=True):
    """Where the image lies. `size` is text with its unit: "2 MiB"."""

    base: int
    size: str

    def __post_init__(self) -> None:
        _check_region(self.base, self.size_bytes)

    @property
    def size_bytes(self) -> int:
        """All of it, in bytes."""
        return _size(self.size)


class Ram(Record, frozen=True):
    """Where data lies. `reserve` is what the model may not have: the stack and the runtime."""

    base: int
    size: str
    reserve: str

    def __post_init__(self) -> None:
        _check_region(self.base, self.size_bytes)
        _require(
            self.reserve_bytes < self.size_bytes,
            f"reserve {self.reserve} leaves nothing of {self.size}",
        )
        _require(self.reserve_bytes % 8 == 0, f"reserve {self.reserve} is not a multiple of 8 B")

    @property
    def size_bytes(self) -> int:
        """All of it, in bytes."""
        return _size(self.size)

    @property
    def reserve_bytes(self) -> int:
        """What is kept for the stack, in bytes."""
        return _size(self.reserve)

    @property
    def available_bytes(self) -> int:
        """What static data, the arena included, may take."""
        return self.size_bytes - self.reserve_bytes


class Memory(Record, frozen=True):
    """The memories that firmware is linked into."""

    flash: Flash
    ram: Ram


class Identity(Record, frozen=True):
    """What a chip says of itself to a debug probe: the word at `address`, under `mask`."""

    address: int
    mask: int
    value: int


class FlashMethod(Record, frozen=True):
    """How an image gets onto the board. `method` is a module of `edgekit.flash`.

    `others` are methods that work as well, where the first one's program is missing; `names` has
    what a method calls the chip, `identity` how a debug probe knows it. `family` is the UF2 family
    id, `drive` the label of the bootloader's drive, `machine` what the
    device tree of a Linux board calls it, or a part of that.
    """

    method: str
    family: int | None = None
    drive: str | None = None
    machine: str | None = None
    others: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    identity: Identity | None = None


class LinkSettings(Record, frozen=True):
    """How a host talks to the board; `wiring` tells a person what to connect.

    `usb` are the ids, VENDOR:PRODUCT, under which it or the probe on it shows up.
    """

    kind: Literal["serial", "pty", "tcp", "ssh", "stdio"]
    baud: int = 115_200
    wiring: str = ""
    usb: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wrong = [name for name in self.usb if not _USB.fullmatch(name)]
        _require(not wrong, f"usb has {wrong}, wanted VENDOR:PRODUCT like '2e8a:000a'")


class Emulator(Record, frozen=True):
    """What plays the board when there is none; `engine` is a module of `edgekit.emulate`.

    `machine` is what the engine calls the board, where it knows several.
    """

    engine: str
    machine: str | None = None


class Core(Record, frozen=True):
    """A table of `cores.toml`. `gcc` and `zig` are the flags that select the core; `kernels` is the
    family of cores whose kernels it runs, empty for the portable ones. `compilers` are those that
    may compile for it, the one with the fastest kernels first; `gcc_kernels` is how far gcc goes.
    """

    id: str
    name: str
    gcc: tuple[str, ...]
    zig: tuple[str, ...]
    kernels: str = ""
    compilers: tuple[Literal["gcc", "zig"], ...] = ("gcc", "zig")
    gcc_kernels: Literal["-O2", "-O3"] = "-O2"


class BoardFile(Record, frozen=True):
    """A whole board file, as written.

    `registers` are addresses and interrupts that the template needs, ``EK_REG_<NAME>`` in its C.
    """

    schema: Literal[1]
    name: str
    source: str
    cpu: Cpu
    memory: Memory
    flash: FlashMethod
    link: LinkSettings
    template: str | None = None
    emulator: Emulator | None = None
    registers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A template names a folder of ours: it must not lead anywhere else.
        _require(
            self.template is None or bool(_TEMPLATE.fullmatch(self.template)),
            f"template {self.template!r} is not a folder name",
        )


class Board(Record, frozen=True):
    """A board: its file, and the core that the file names. `template` is None where we build
    no firmware."""

    id: str
    name: str
    source: str
    template: str | None
    cpu: Cpu
    core: Core
    memory: Memory
    flash: FlashMethod
    link: LinkSettings
    emulator: Emulator | None
    registers: dict[str, int] = field(default_factory=dict)

    @property
    def kernels(self) -> str:
        """The family of kernels that its firmware runs, empty for the portable ones."""
        return self.cpu.kernels or self.core.kernels

    @property
    def runs_linux(self) -> bool:
        """Whether the board runs .tflite files itself, through an agent, instead of firmware."""
        return self.link.kind in ("ssh", "stdio")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)  # msgspec adds the place in the file


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except InputError as error:
        raise ValueError(f"{error.message}; {error.hint}") from None


def _check_region(base: int, size_bytes: int) -> None:
    _require(
        base >= 0 and size_bytes > 0 and base + size_bytes <= _ADDRESS_LIMIT,
        f"0x{base:08x} + {size_bytes} B is no place in a 32-bit address space",
    )
