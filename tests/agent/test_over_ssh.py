"""The way to a Raspberry Pi, against a real OpenSSH server: copy, run, measure, go wrong."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from support.ssh_server import SshServer
from support.tiny_network import tiny_model

from edgekit import artifacts, boards, flash
from edgekit.boards import Board
from edgekit.build import agent
from edgekit.errors import (
    DeviceError,
    FlashError,
    InputError,
    NoDeviceError,
    PortBusyError,
)
from edgekit.flows import linux_bench
from edgekit.flows.device import connect
from edgekit.link import open_link
from edgekit.link.client import Client

MODEL = tiny_model()


@pytest.fixture
def flashed(server: SshServer, packed: Path, anywhere: Board) -> SshServer:
    done = flash.flash(packed, anywhere, port=server.address)
    assert (done.method, done.checked) == ("agent", "read back")
    return server


def _expected(x: bytes) -> bytes:
    # XNNPACK does not take this model (a bias' scale is not the product of its operands').
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=MODEL, experimental_op_resolver_type=plain)
    interpreter.allocate_tensors()
    (given,), (told,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], np.frombuffer(x, np.int8).reshape(given["shape"]))
    interpreter.invoke()
    return bytes(interpreter.get_tensor(told["index"]).tobytes())


def test_a_board_over_ssh_runs_the_model_that_was_put_there(flashed: SshServer) -> None:
    with Client(open_link(flashed.address), board="anywhere") as client:
        hello = client.hello()
        assert hello.model_sha256 == artifacts.sha256(MODEL)
        assert hello.compiler.startswith("ai-edge-litert ")
        assert (hello.input.shape, hello.output.shape) == ((6, 5, 2), (3,))
        assert hello.input.zero_point == -128
        for seed in range(3):
            x = np.random.default_rng(seed).integers(0, 256, 60, np.uint8).tobytes()
            result = client.infer(x, profile=True)
            assert result.output == _expected(x)
            assert 0 < result.cycles < 1_000_000_000
            assert result.steps == ()
        assert client.memory().static_bytes >= 0


def test_nobody_else_may_read_or_write_what_was_put_there(flashed: SshServer) -> None:
    (file,) = (flashed.home / ".cache" / "edgekit").glob("*.pyz")
    assert file.stat().st_mode & 0o077 == 0
    assert not list(file.parent.glob("*.new"))


def test_every_number_of_threads_is_timed_and_the_quickest_is_the_result(
    flashed: SshServer, anywhere: Board
) -> None:
    with connect(anywhere, port=flashed.address, emulate=False) as device:
        found = linux_bench.measure(
            device, device.client.hello(), anywhere, runs=5, progress=lambda *_: None
        )
    assert [timing.threads for timing in found.threads] == [1, 2, 3, 4]
    assert found.latency_us is not None
    assert found.latency_us.median == min(timing.latency_us.median for timing in found.threads)
    assert found.cycles_per_inference is None
    assert (found.runtime, found.runs) == ("litert", 5)
    assert any("without XNNPACK" in note for note in found.notes)
    assert found.source == "emulator"  # it never said that it is a Raspberry Pi


def test_a_second_client_is_told_who_has_the_board(flashed: SshServer) -> None:
    with Client(open_link(flashed.address)) as first:
        first.hello()
        second = Client(open_link(flashed.address))
        with pytest.raises(PortBusyError, match=r"held by pid \d+, for 127\.0\.0\.1"):
            second.hello()
        second.close()
        assert first.hello()
    with Client(open_link(flashed.address)) as third:
        assert third.hello()


def test_a_restart_starts_the_program_anew(flashed: SshServer) -> None:
    with Client(open_link(flashed.address)) as client:
        boot = client.hello().boot
        client.reset()
        assert client.hello().boot != boot
        x = bytes(60)
        assert client.infer(x).output == _expected(x)


def test_a_connection_that_breaks_is_reported_and_frees_the_board(flashed: SshServer) -> None:
    client = Client(open_link(flashed.address))
    client.hello()
    lock = flashed.home / ".cache" / "edgekit" / "agent.lock"
    process = int(lock.read_text().split()[1].rstrip(","))
    os.kill(process, signal.SIGKILL)
    started = time.monotonic()
    with pytest.raises(NoDeviceError, match="ended with exit code"):
        client.infer(bytes(60))
    assert time.monotonic() - started < 10
    client.close()
    with Client(open_link(flashed.address)) as again:
        assert again.hello()


def test_a_board_without_an_agent_says_so(server: SshServer) -> None:
    with Client(open_link(server.address)) as client, pytest.raises(NoDeviceError) as caught:
        client.hello()
    assert "agent.pyz" in caught.value.message


def test_a_host_whose_key_is_not_known_is_refused(
    server: SshServer, packed: Path, anywhere: Board
) -> None:
    server.forget_host_key()
    with pytest.raises(NoDeviceError, match="Host key verification failed") as caught:
        flash.flash(packed, anywhere, port=server.address)
    assert "Connect once by hand and compare the key" in caught.value.hint


def test_no_password_is_asked_for(server: SshServer, packed: Path, anywhere: Board) -> None:
    server.refuse_key()
    with pytest.raises(NoDeviceError, match="Permission denied") as caught:
        flash.flash(packed, anywhere, port=server.address)
    assert "ssh-copy-id" in caught.value.hint


def test_a_host_that_is_off_is_reported(server: SshServer, packed: Path, anywhere: Board) -> None:
    server.stop()
    with pytest.raises(NoDeviceError, match="refused"):
        flash.flash(packed, anywhere, port=server.address)


def test_another_machine_is_refused_before_anything_is_copied(
    server: SshServer,
) -> None:
    pi = msgspec.structs.replace(boards.load("rpi4"), id="anywhere")
    with pytest.raises(DeviceError, match="not a Raspberry Pi 4"):
        # The file is packed for the board, so that only the machine is wrong.
        flash.flash(_packed_for(pi, server.folder), pi, port=server.address)
    assert not (server.home / ".cache").exists()


def _packed_for(board: Board, folder: Path) -> Path:
    agent.build(MODEL, "tiny", board, folder / "pi")
    return folder / "pi" / agent.FILE


def test_firmware_for_another_board_is_refused(
    server: SshServer, packed: Path, tmp_path: Path
) -> None:
    with pytest.raises(FlashError, match="is for anywhere, not for rpi5"):
        flash.flash(packed, boards.load("rpi5"), port=server.address)
    junk = tmp_path / "junk.pyz"
    junk.write_bytes(b"junk")
    with pytest.raises(InputError, match="no firmware for rpi5"):
        flash.flash(junk, boards.load("rpi5"), port=server.address)


def test_a_pi_needs_an_address(packed: Path, anywhere: Board) -> None:
    with pytest.raises(NoDeviceError, match="over SSH") as caught:
        flash.flash(packed, anywhere)
    assert "--port ssh://" in caught.value.hint
