"""A board behind SSH: ``ssh://user@host[:port]``, through the system's own ssh program.

Keys only, and the host's key must be known: nobody is asked anything, no port is opened, and what
the user's ~/.ssh/config says of the host holds.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from edgekit.errors import DeviceError, InputError, MissingToolError, NoDeviceError, ToolError
from edgekit.link.link import Link
from edgekit.link.process import ProcessLink
from edgekit.process import run_tool

SCHEMES = ("ssh",)

AGENT = ".cache/edgekit/agent.pyz"
"""Where `edgekit flash` puts the agent, from the home folder."""

_OPTIONS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "PasswordAuthentication=no",
    "KbdInteractiveAuthentication=no",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "LogLevel=ERROR",
)
# Neither may begin with a dash (an option to ssh), nor hold anything that a shell would read.
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*|[0-9A-Fa-f:]+")
_PYTHON = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+-]*")
_HINTS = {
    "Host key verification failed": "Connect once by hand and compare the key: ssh {place}",
    "Permission denied": "Only keys are used, no passwords: ssh-copy-id {place}",
    "Could not resolve": "Check the name; try the board's IP address.",
    "REMOTE HOST IDENTIFICATION HAS CHANGED": "If the board was set up anew: ssh-keygen -R {host}",
}
_NO_CONNECTION = 255


@dataclass(frozen=True, slots=True)
class Address:
    """Where a board is; `python` is the interpreter there."""

    user: str | None
    host: str
    number: int | None
    python: str

    @property
    def place(self) -> str:
        """As one writes it for ssh."""
        return f"{self.user}@{self.host}" if self.user else self.host

    def command(self, remote: str) -> list[str]:
        """The ssh command line that runs `remote` in the shell over there."""
        options = [part for option in _OPTIONS for part in ("-o", option)]
        number = ["-p", str(self.number)] if self.number else []
        return [program(), "-T", *options, *number, "--", self.place, remote]


def parse(port: str) -> Address:
    """The address in ``ssh://user@host[:port][?python=PATH]``. Raises `InputError`."""
    try:
        parts = urlsplit(port)
        number = parts.port
        query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError as error:
        raise _no_address(port, str(error)) from None
    python = query.pop("python", ["python3"])[0]
    if query or parts.path not in ("", "/") or parts.password is not None:
        raise _no_address(port, "there is more in it than user, host, port and ?python=")
    if not _HOST.fullmatch(parts.hostname or "") or not _PYTHON.fullmatch(python):
        raise _no_address(port, "a name has characters that it cannot have")
    if parts.username is not None and not _USER.fullmatch(parts.username):
        raise _no_address(port, "that user cannot be")
    return Address(parts.username, parts.hostname or "", number, python)


def open_port(port: str, baud: int) -> Link:  # noqa: ARG001
    """Starts the agent over there; see `edgekit.link.open_link`."""
    address = parse(port)
    remote = f'exec {address.python} "$HOME/{AGENT}"'
    return ProcessLink(port, address.command(remote), hint=_hint_for("", address))


def run(port: str, remote: str, *, stdin: bytes = b"", timeout_s: float = 60.0) -> bytes:
    """What a command over there prints. `remote` is read by a shell: nothing foreign may be in it.

    Raises `NoDeviceError` when there is no way to the board, `DeviceError` when the command fails.
    """
    address = parse(port)
    try:
        return run_tool(address.command(remote), timeout_s=timeout_s, stdin=stdin)
    except MissingToolError:
        raise
    except ToolError as error:
        said = error.stderr.strip() or error.message.splitlines()[0]
        kind = NoDeviceError if f"code {_NO_CONNECTION}" in error.message else DeviceError
        raise kind(f"{port}: {said}", hint=_hint_for(said, address)) from None


def program() -> str:
    """The system's ssh. Raises `MissingToolError`."""
    found = shutil.which("ssh")
    if found is None:
        raise MissingToolError("ssh is not installed", hint="apt-get install openssh-client")
    return found


def _hint_for(said: str, address: Address) -> str:
    for words, hint in _HINTS.items():
        if words in said:
            return hint.format(place=address.place, host=address.host)
    return f"Check that this works without a question: ssh {address.place} true"


def _no_address(port: str, why: str) -> InputError:
    return InputError(f"{port!r} is no address: {why}", hint="Write it like ssh://pi@raspberrypi.")
