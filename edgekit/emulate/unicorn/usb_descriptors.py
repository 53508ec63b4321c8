"""What a device says of itself, read as strictly as a host may: USB 2.0, 9.6."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_DEVICE, _CONFIGURATION, _STRING, _INTERFACE, _ENDPOINT = 1, 2, 3, 4, 5
_CDC, _ACM, _CDC_DATA = 2, 2, 10
_BULK = 2
_IN = 0x80


class UsbError(Exception):
    """A device refuses, is silent, or does not keep to the standard."""


@dataclass(frozen=True, slots=True)
class SerialPort:
    """Where a device's serial port is: numbers for requests, endpoints without direction."""

    configuration: int
    interface: int
    in_endpoint: int
    out_endpoint: int


def device(data: bytes) -> tuple[int, int, tuple[int, ...]]:
    """Vendor, product, and the numbers of the texts that there are."""
    if len(data) != 18 or data[:2] != bytes([18, _DEVICE]):
        raise UsbError(f"the device descriptor is {data.hex()}")
    vendor, product = struct.unpack_from("<HH", data, 8)
    return vendor, product, tuple(index for index in data[14:17] if index)


def total_length(head: bytes) -> int:
    """How long a configuration is, from its first 9 bytes."""
    if len(head) != 9 or head[:2] != bytes([9, _CONFIGURATION]):
        raise UsbError(f"the configuration begins with {head.hex()}")
    return int.from_bytes(head[2:4], "little")


def serial_port(configuration: bytes) -> SerialPort:
    """The CDC ACM port among the interfaces of a whole configuration."""
    if total_length(configuration[:9]) != len(configuration):
        raise UsbError(f"the configuration is {len(configuration)} bytes long, and says other")
    interface, endpoints, last = None, dict[bool, int](), (0, 0)
    for part in _parts(configuration):
        if part[1] == _INTERFACE:
            last = (part[5], part[6])
            interface = part[2] if last == (_CDC, _ACM) else interface
        elif part[1] == _ENDPOINT and last[0] == _CDC_DATA and part[3] == _BULK:
            endpoints[bool(part[2] & _IN)] = part[2] & 0x0F
    if interface is None or len(endpoints) != 2:
        raise UsbError("there is no serial port among the interfaces")
    return SerialPort(configuration[5], interface, endpoints[True], endpoints[False])


def text(data: bytes) -> str:
    """A string descriptor's."""
    if len(data) < 2 or data[0] != len(data) or data[1] != _STRING:
        raise UsbError(f"a text is {data.hex()}")
    return data[2:].decode("utf-16-le", errors="replace")


def _parts(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = data[at]
        if size < 2 or at + size > len(data):
            raise UsbError(f"a descriptor of {size} bytes at byte {at} of {len(data)}")
        yield data[at : at + size]
        at += size
