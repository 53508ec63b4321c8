"""A real OpenSSH server on the loopback interface, with a home folder and keys of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
ForceCommand export HOME={folder}/home PATH={python}:/usr/bin:/bin; sh -c "$SSH_ORIGINAL_COMMAND"
"""
# What takes the place of the user's own ~/.ssh: the program under test calls plain `ssh`.
_CLIENT = """\
#!/bin/sh
exec {ssh} -F none -i {key} -o IdentitiesOnly=yes -o UserKnownHostsFile={folder}/known_hosts "$@"
"""
_START_TIMEOUT_S = 10.0


def missing() -> str | None:
    """Why there can be no server here; None when there can."""
    for name in ("ssh", "ssh-keygen", "sshd"):
        if _find(name) is None:
            return f"{name} is not installed (apt-get install openssh-server)"
    if os.geteuid() == 0 and not Path("/run/sshd").is_dir():
        Path("/run/sshd").mkdir()  # what the service's own start-up script does
    return None


@dataclass(frozen=True)
class SshServer:
    """A running server; its folder also holds the client's files."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """What edgekit calls it."""
        return f"ssh://{getuser()}@127.0.0.1:{self.port}"

    @property
    def home(self) -> Path:
        """The home folder over there."""
        return self.folder / "home"

    @property
    def programs(self) -> Path:
        """A folder with an `ssh` that uses this server's keys."""
        return self.folder / "bin"

    def forget_host_key(self) -> None:
        """From now on the client does not know the server."""
        (self.folder / "known_hosts").write_text("")

    def refuse_key(self) -> None:
        """From now on the server does not know the client."""
        (self.folder / "authorized_keys").write_text("")

    def stop(self) -> None:
        """Ends the server; connections that are open stay so."""
        self.process.terminate()
        self.process.wait(timeout=10)


def start(folder: Path) -> SshServer:
    """A server in an empty folder."""
    folder.mkdir(parents=True)
    for name in ("host_key", "client_key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, timeout=30)
    port = _free_port()
    public = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
    shutil.copy(folder / "client_key.pub", folder / "authorized_keys")
    (folder / "home").mkdir()
    _write_client(folder)
    config = folder / "sshd_config"
    python = Path(sys.executable).parent
    config.write_text(_CONFIG.format(port=port, folder=folder, python=python))
    process = subprocess.Popen(
        [str(_find("sshd")), "-D", "-f", str(config)], stderr=subprocess.DEVNULL
    )
    _wait_for(port, process)
    return SshServer(folder, port, process)


def _write_client(folder: Path) -> None:
    wrapper = folder / "bin" / "ssh"
    wrapper.parent.mkdir()
    wrapper.write_text(_CLIENT.format(ssh=_find("ssh"), key=folder / "client_key", folder=folder))
    wrapper.chmod(0o755)


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        assert process.poll() is None, "sshd did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "sshd does not answer"
            time.sleep(0.05)
