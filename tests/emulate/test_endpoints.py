"""The host's end of the serial line."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
import serial

from edgekit.emulate.endpoints import Endpoint, PtyEndpoint, TcpEndpoint, open_endpoint


@pytest.fixture(params=["tcp", "pty"])
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    found = open_endpoint(request.param)
    yield found
    found.close()


def _received(endpoint: Endpoint, count: int) -> bytes:
    data, end = b"", time.monotonic() + 5
    while len(data) < count and time.monotonic() < end:
        endpoint.wait(0.1)
        data += endpoint.receive()
    return data


def test_pyserial_talks_through_it_with_all_byte_values(endpoint: Endpoint) -> None:
    every = bytes(range(256))
    with serial.serial_for_url(endpoint.port, timeout=5) as port:
        port.write(every)
        assert _received(endpoint, 256) == every
        endpoint.send(every)
        assert port.read(256) == every


def test_clients_come_and_go(endpoint: Endpoint) -> None:
    for round_number in range(3):
        with serial.serial_for_url(endpoint.port, timeout=5) as port:
            port.write(bytes([round_number]))
            assert _received(endpoint, 1) == bytes([round_number])
            endpoint.send(b"ok")
            assert port.read(2) == b"ok"


def test_a_large_answer_arrives_whole(endpoint: Endpoint) -> None:
    data = bytes(range(256)) * 1200  # more than any buffer of the system
    with serial.serial_for_url(endpoint.port, timeout=0.05) as port:
        port.write(b"?")
        assert _received(endpoint, 1) == b"?"
        endpoint.send(data)
        found, end = b"", time.monotonic() + 10
        while len(found) < len(data) and time.monotonic() < end:
            found += port.read(4096)
            endpoint.flush()
    assert found == data


def test_sending_to_nobody_never_blocks(endpoint: Endpoint) -> None:
    started = time.monotonic()
    for _ in range(40):
        endpoint.send(b"x" * 65536)
    assert time.monotonic() - started < 5


def test_waiting_ends_as_soon_as_something_comes() -> None:
    endpoint = TcpEndpoint()
    started = time.monotonic()
    with serial.serial_for_url(endpoint.port) as port:
        port.write(b"x")
        assert _received(endpoint, 1) == b"x"
    assert time.monotonic() - started < 1
    endpoint.close()


def test_a_second_tcp_client_is_turned_away() -> None:
    endpoint = TcpEndpoint()
    address = ("127.0.0.1", int(endpoint.port.rsplit(":", 1)[1]))
    with socket.create_connection(address) as first, socket.create_connection(address) as second:
        first.sendall(b"a")
        assert _received(endpoint, 1) == b"a"
        assert endpoint.receive() == b""
        second.settimeout(5)
        assert second.recv(1) == b""
        endpoint.send(b"b")
        first.settimeout(5)
        assert first.recv(1) == b"b"
    endpoint.close()


def test_a_pty_without_a_reader_is_no_error() -> None:
    endpoint = PtyEndpoint()
    assert endpoint.receive() == b""
    with serial.serial_for_url(endpoint.port) as port:
        port.write(b"x")
    assert _received(endpoint, 1) == b"x"
    assert endpoint.receive() == b""
    endpoint.close()
