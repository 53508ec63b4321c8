"""Opening a port by its name: every module here that has `SCHEMES` is a kind of link."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from edgekit.errors import InputError
from edgekit.link.link import Link

Opener = Callable[[str, int], Link]

_PACKAGE = "edgekit.link"


def open_link(port: str, *, baud: int = 115_200) -> Link:
    """The link to a port: ``/dev/ttyACM0``, ``COM3``, a pty, ``socket://host:port``,
    ``ssh://user@host``, ``exec://program``.

    Raises `InputError` for a scheme that no link has, `NoDeviceError` when nothing is there, and
    `PortBusyError` when someone else holds it.
    """
    scheme, separator, _ = port.partition("://")
    wanted = scheme if separator else ""
    if wanted not in _openers():
        known = ", ".join(f"{name}://" for name in sorted(_openers()) if name)
        raise InputError(
            f"no link for {port!r}",
            hint=f"Give a serial port such as /dev/ttyACM0, or one of {known}",
        )
    return _openers()[wanted](port, baud)


@cache
def _openers() -> dict[str, Opener]:
    """`open_port(port, baud)` of each module, by the schemes that it lists; "" is a plain name."""
    openers: dict[str, Opener] = {}
    package = importlib.import_module(_PACKAGE)
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{_PACKAGE}.{found.name}")
        for scheme in getattr(module, "SCHEMES", ()):
            openers[scheme] = module.open_port
    return openers
