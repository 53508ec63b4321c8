"""The TCP link, to a simulated board behind a real socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from support.simulated_models import model_of

from edgekit.errors import InputError, LinkTimeoutError, NoDeviceError, PortBusyError
from edgekit.link import open_link, tcp
from edgekit.link.client import Client
from edgekit.link.simulated_board import SimulatedBoard, describe


class TcpBoard:
    """Serves one client after the other."""

    def __init__(self) -> None:
        self.board = SimulatedBoard(model_of(4), describe(input_bytes=2000, output_bytes=4))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                self._client, _ = self._listener.accept()
            except OSError:
                return
            with self._client as client:
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        try:
            while data := client.recv(4096):
                client.sendall(b"".join(answer.frame for answer in self.board.receive(data)))
        except OSError:
            return

    def drop_client(self) -> None:
        assert self._client is not None
        self._client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)


@pytest.fixture
def board() -> Iterator[TcpBoard]:
    board = TcpBoard()
    yield board
    board.close()


def test_an_inference_over_tcp(board: TcpBoard) -> None:
    x = os.urandom(2000)
    with Client(open_link(board.port)) as client:
        assert client.infer(x).output == board.board.model(x)


def test_a_read_ends_after_its_time(board: TcpBoard) -> None:
    with open_link(board.port) as link:
        start = time.monotonic()
        assert link.read(0.1) == b""
        assert 0.08 < time.monotonic() - start < 1.0


def test_a_server_that_hangs_up_in_mid_run_is_reported(board: TcpBoard) -> None:
    with Client(open_link(board.port)) as client:
        client.hello()
        board.drop_client()
        with pytest.raises(NoDeviceError, match="went away"):
            client.infer(bytes(2000))


def test_a_server_that_hangs_up_on_a_second_client_is_busy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with Client(open_link(port)) as client:
            server.accept()[0].close()
            with pytest.raises(PortBusyError, match="hung up before a word"):
                client.hello()


_HOLD = """
import sys
from edgekit.link import open_link
link = open_link(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell only the administrator")
def test_a_second_client_is_told_who_is_the_first_and_gets_in_after_it(board: TcpBoard) -> None:
    command = [sys.executable, "-c", _HOLD, board.port]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(PortBusyError, match=rf"held by python\S* \(pid {holder.pid}\)"):
            open_link(board.port)
        holder.kill()
        holder.wait(timeout=10)
        with Client(open_link(board.port)) as client:
            assert client.hello().board == "fake"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell only the administrator")
def test_a_failed_command_leaves_the_port_to_the_next(board: TcpBoard) -> None:
    with pytest.raises(InputError), Client(open_link(board.port)) as client:
        client.infer(b"too short")
    with Client(open_link(board.port)) as client:
        assert client.hello().board == "fake"


def test_nobody_there_is_no_device() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(NoDeviceError, match=f"nothing answers at socket://127.0.0.1:{port}"):
        open_link(f"socket://127.0.0.1:{port}")


def test_a_peer_that_takes_no_bytes_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "_WRITE_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = f"socket://127.0.0.1:{deaf.getsockname()[1]}"
        with open_link(port) as link, pytest.raises(LinkTimeoutError, match="took no bytes"):
            link.write(bytes(64 << 20))


@pytest.mark.parametrize(
    "port", ["socket://", "socket://host", "socket://host:x", "socket://h:99999"]
)
def test_what_is_no_address_is_refused(port: str) -> None:
    with pytest.raises(InputError, match="is not an address"):
        open_link(port)


def test_a_scheme_that_no_link_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="no link for 'gopher://x'") as caught:
        open_link("gopher://x")
    assert "exec://, rfc2217://, socket://, ssh://, tcp://" in caught.value.hint


def test_a_closed_link_reads_nothing(board: TcpBoard) -> None:
    link = open_link(board.port)
    link.close()
    link.close()
    with pytest.raises(NoDeviceError):
        link.read(0.1)
