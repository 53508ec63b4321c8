"""A serial port of another machine, served by pyserial's own RFC 2217 server."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import pytest
from support.pty_board import PtyBoard
from support.rfc2217_server import Rfc2217Server

from edgekit.errors import InputError, NoDeviceError, PortBusyError
from edgekit.link import open_link
from edgekit.link.client import Client

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pty"),
    # pyserial sets up its thread in a way that newer Pythons frown upon.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:serial"),
]


@pytest.fixture
def board() -> Iterator[PtyBoard]:
    with PtyBoard(input_bytes=2000) as board:
        yield board


@pytest.fixture
def server(board: PtyBoard) -> Iterator[Rfc2217Server]:
    with Rfc2217Server(board.port) as server:
        yield server


def test_an_inference_over_rfc2217_at_the_speed_that_was_asked_for(
    board: PtyBoard, server: Rfc2217Server
) -> None:
    x = bytes(range(256)) * 7 + b"\xff" * 208  # 0xFF is an escape on this line
    with Client(open_link(server.port, baud=57_600)) as client:
        assert client.infer(x).output == board.board.model(x)
        assert client.resends == 0
    assert server.bauds[-1] == 57_600


def test_a_second_client_is_told_who_holds_it_and_a_third_gets_in(server: Rfc2217Server) -> None:
    with open_link(server.port), pytest.raises(PortBusyError) as caught:
        open_link(server.port)
    if sys.platform == "linux":
        assert f"(pid {os.getpid()})" in caught.value.message
    with Client(open_link(server.port)) as client:
        assert client.hello().board == "pico"


def test_a_server_that_goes_down_is_reported_and_the_port_is_free(server: Rfc2217Server) -> None:
    with Client(open_link(server.port)) as client:
        client.hello()
        server.hang_up()
        with pytest.raises(NoDeviceError, match="went away") as caught:
            client.infer(bytes(2000))
        assert "network" in caught.value.hint
    with Client(open_link(server.port)) as client:
        assert client.hello().board == "pico"


def test_nobody_there_is_no_device() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        number = unused.getsockname()[1]
    with pytest.raises(NoDeviceError, match=f"nothing answers at rfc2217://127.0.0.1:{number}"):
        open_link(f"rfc2217://127.0.0.1:{number}")


def test_a_server_of_another_kind_is_told_from_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = f"rfc2217://127.0.0.1:{plain.getsockname()[1]}"
        with pytest.raises(NoDeviceError, match="does not speak RFC 2217") as caught:
            open_link(f"{port}?timeout=0.3")
    assert "socket://" in caught.value.hint


@pytest.mark.parametrize("port", ["rfc2217://", "rfc2217://host", "rfc2217://h:99999"])
def test_what_is_no_address_is_refused(port: str) -> None:
    with pytest.raises(InputError, match="is not an address") as caught:
        open_link(port)
    assert caught.value.hint == "Write it like rfc2217://host:4000."
