"""The agent on this machine: packed, alone, over a pipe and over a serial port."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import sys
import threading
import tty
import zipfile
from pathlib import Path

import numpy as np
import pytest
from support import classifier

from edgekit import artifacts, boards
from edgekit.agent import machine, package
from edgekit.agent.package import Cargo
from edgekit.artifacts import Firmware
from edgekit.boards import Board
from edgekit.build import agent
from edgekit.errors import ModelError
from edgekit.link import open_link
from edgekit.link.client import Client
from edgekit.protocol.replies import Health


@pytest.fixture(scope="module")
def classifying(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A packed agent for this machine, and its model, which XNNPACK takes."""
    folder = tmp_path_factory.mktemp("classifier")
    model = classifier.write(folder).int8_model.read_bytes()
    agent.build(model, "classifier", boards.load("host"), folder)
    return folder / agent.FILE, model


def _port(file: Path) -> str:
    # From another folder and without our package's path: what it needs must be in the file.
    return f"exec://{shlex.join([sys.executable, '-I', str(file)])}"


def test_a_packed_agent_needs_nothing_of_ours_beside_it(packed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(packed)],
        input=b"", capture_output=True, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    # -S leaves out site-packages, and so LiteRT and NumPy: that is all that it may miss.
    assert done.returncode == package.NO_INTERPRETER, done.stderr.decode()
    assert b"no LiteRT on this machine" in done.stderr
    assert done.stdout == b""


def test_the_same_model_gives_the_same_file(packed: Path, anywhere: Board, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        model = archive.read(package.MODEL)
        names = archive.namelist()
    made = agent.build(model, "tiny", anywhere, tmp_path)
    assert (tmp_path / agent.FILE).read_bytes() == packed.read_bytes()
    assert artifacts.load(Firmware, tmp_path / "firmware.json") == made
    assert {name.split("/")[1] for name in names if "/" in name} == {
        "__init__.py", "agent", "protocol",
    }  # fmt: skip


def test_xnnpack_runs_what_it_takes(classifying: tuple[Path, bytes]) -> None:
    file, model = classifying
    with Client(open_link(_port(file)), board="host") as client:
        hello = client.hello()
        assert (hello.runtime, hello.model_sha256) == ("xnnpack", artifacts.sha256(model))
        x = np.arange(24, dtype=np.int8).tobytes()
        outputs = set()
        for threads in (1, 2, 3):
            client.use_threads(threads)
            outputs.add(client.infer(x).output)
            health = client.health()
            assert health is not None
            assert health.threads == threads
        assert len(outputs) == 1
        assert len(outputs.pop()) == classifier.CLASSES


def test_a_machine_that_is_not_the_board_is_refused(tmp_path: Path) -> None:
    cargo = Cargo("rpi5", "cortex-a76", "Raspberry Pi 5", "none", "00" * 32)
    file = tmp_path / "wrong.pyz"
    file.write_bytes(agent.pack(cargo, b"no model"))
    done = subprocess.run([sys.executable, file], input=b"", capture_output=True, timeout=60)
    assert done.returncode == package.WRONG_MACHINE
    assert b"not a Raspberry Pi 5" in done.stderr


def test_a_model_that_litert_refuses_is_the_models_fault(anywhere: Board, tmp_path: Path) -> None:
    agent.build(b"no model", "broken", anywhere, tmp_path)
    with (
        Client(open_link(_port(tmp_path / agent.FILE)), board="host") as client,
        pytest.raises(ModelError, match="LiteRT refuses the model"),
    ):
        client.hello()


def test_an_agent_serves_a_serial_gadget(classifying: tuple[Path, bytes]) -> None:
    # Two ptys: the host's port, and the gadget; what goes into one master comes out of the other.
    host_end, host_port = pty.openpty()
    gadget_end, gadget_port = pty.openpty()
    for handle in (host_port, gadget_port):
        tty.setraw(handle)
    stop = threading.Event()
    cable = threading.Thread(target=_cable, args=(host_end, gadget_end, stop))
    cable.start()
    process = subprocess.Popen(
        [sys.executable, classifying[0], "--serial", os.ttyname(gadget_port)],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with Client(open_link(os.ttyname(host_port)), board="host") as client:
            client.hello(timeout_s=60)
            assert len(client.infer(bytes(24)).output) == classifier.CLASSES
    finally:
        process.terminate()
        process.wait(timeout=10)
        stop.set()
        cable.join(timeout=10)
        for handle in (host_end, host_port, gadget_end, gadget_port):
            os.close(handle)


def _cable(left: int, right: int, stop: threading.Event) -> None:
    other = {left: right, right: left}
    while not stop.is_set():
        for source in select.select([left, right], [], [], 0.05)[0]:
            os.write(other[source], os.read(source, 4096))


def test_what_a_raspberry_pi_tells_is_read(tmp_path: Path) -> None:
    told = {
        "class/thermal/thermal_zone0/temp": "58426\n",
        "devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1500000\n",
        "devices/platform/soc/soc:firmware/get_throttled": "50005\n",
    }
    for place, text in told.items():
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(text)
    assert machine.health(2, tmp_path) == Health(58426, 0x50005, 1_500_000_000, 2)


def test_a_machine_that_tells_nothing_is_not_guessed_about(tmp_path: Path) -> None:
    (tmp_path / "class/thermal/thermal_zone0").mkdir(parents=True)
    (tmp_path / "class/thermal/thermal_zone0/temp").write_text("warm\n")
    found = machine.health(1, tmp_path)
    assert found == Health(Health.UNKNOWN_TEMPERATURE, Health.UNKNOWN_THROTTLING, 0, 1)


def test_a_device_tree_names_the_machine(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
    assert machine.model(tmp_path / "model") == "Raspberry Pi 4 Model B Rev 1.4"
    assert machine.model(tmp_path / "none") == ""
