"""The second-stage boot's checksum."""

from __future__ import annotations

from edgekit.boards import boot2
from edgekit.emulate.unicorn.bootrom import boot2_problem


def test_the_checksum_is_crc_32_mpeg_2() -> None:
    assert boot2.crc32_mpeg2(b"123456789") == 0x0376_E6E7  # the catalogue's check value


def test_a_sealed_boot_passes_and_a_changed_one_does_not() -> None:
    sealed = boot2.seal(bytes(range(252)) + bytes(4))
    assert sealed[:252] == bytes(range(252))
    assert boot2_problem(sealed + b"image") == ""
    assert "no valid second-stage boot" in boot2_problem(b"\1" + sealed[1:])
    assert boot2_problem(sealed[:255]) == "the flash is empty"
