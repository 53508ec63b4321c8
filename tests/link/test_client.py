"""The client on a fake line: right results or one clear error, whatever the line does."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.simulated_models import Connect, model_of

from edgekit.errors import (
    BoardCrashedError,
    DeviceError,
    InputError,
    LinkTimeoutError,
    NoDeviceError,
    WrongFirmwareError,
)
from edgekit.link.client import HELLO_TIMEOUT_S, MAX_LOST_RUNS, Client
from edgekit.link.exchange import SILENCE_S
from edgekit.link.fake import FakeLink, Faults
from edgekit.link.runner import DEFAULT_INFER_TIMEOUT_S, StepMeasurement, infer_timeout_s
from edgekit.link.simulated_board import SimulatedBoard, describe
from edgekit.protocol.messages import Message
from edgekit.protocol.replies import Cause, Crash, ErrorCode, Refused
from edgekit.protocol.requests import (
    HelloRequest,
    InferRequest,
    OutputRequest,
    ResetKind,
    StepsRequest,
    WriteRequest,
)


def _inputs(count: int, size: int, seed: int = 0) -> list[bytes]:
    source = random.Random(seed)
    return [source.randbytes(size) for _ in range(count)]


def test_hello_tells_who_is_there(connect: Connect) -> None:
    link = connect()
    assert Client(link).hello() == link.board.hello


def test_ten_thousand_inferences_at_a_bit_error_rate_of_1e_4_are_all_right(
    connect: Connect,
) -> None:
    link = connect(Faults(bit_error_rate=1e-4))
    client = Client(link)
    for x in _inputs(10_000, 16):
        assert client.infer(x).output == link.board.model(x)
    assert link.board.served > 30_000
    assert client.resends > 300  # the line was as bad as it was meant to be


def test_a_large_input_comes_through_a_bad_line(connect: Connect) -> None:
    link = connect(Faults(bit_error_rate=1e-4), input_bytes=27_648, output_bytes=1001)
    client = Client(link)
    for x in _inputs(10, 27_648):
        assert client.infer(x).output == link.board.model(x)
    assert client.resends > 100


@settings(max_examples=60, deadline=None)
@given(
    faults=st.builds(
        Faults,
        bit_error_rate=st.sampled_from([0, 1e-5, 3e-4]),
        lost_byte_rate=st.sampled_from([0, 1e-4, 1e-3]),
        repeated_write_rate=st.sampled_from([0, 0.1, 0.5]),
        longest_read_bytes=st.sampled_from([None, 1, 7]),
        reboot_rate=st.sampled_from([0, 0.01, 0.03]),
        latency_s=st.sampled_from([0.0, 0.01, 0.4]),
    ),
    seed=st.integers(0, 2**16),
)
def test_no_mix_of_faults_gives_a_wrong_result(faults: Faults, seed: int) -> None:
    hello = describe(input_bytes=1000, output_bytes=40, step_count=50)
    link = FakeLink(SimulatedBoard(model_of(40), hello, infer_s=0.5), faults, seed=seed)
    client = Client(link)
    for x in _inputs(4, 1000, seed):
        try:
            result = client.infer(x, profile=True)
        except DeviceError:
            continue  # given up with a message is allowed; a wrong result is not
        assert result.output == link.board.model(x)
        assert result.steps is not None
        assert [step.cycles for step in result.steps] == [10 * index for index in range(50)]


def test_a_board_that_is_not_the_one_meant_is_refused(connect: Connect) -> None:
    link = connect()
    assert Client(link, board="fake").hello().board == "fake"
    with pytest.raises(WrongFirmwareError, match="runs firmware for fake, not for pico") as error:
        Client(link, board="pico").infer(bytes(16))
    assert "--board fake" in error.value.hint


def test_on_a_clean_line_nothing_is_sent_twice_and_uploads_overlap(connect: Connect) -> None:
    link = connect(Faults(latency_s=0.1), input_bytes=27_648)
    client = Client(link)
    x = _inputs(1, 27_648)[0]
    client.hello()
    start = link.now()
    assert client.infer(x).output == link.board.model(x)
    assert client.resends == 0
    on_the_line_s = 27_648 * 10 / link.baud
    one_by_one_s = on_the_line_s + 58 * 0.1
    assert link.now() - start < (on_the_line_s + one_by_one_s) / 2


def test_a_long_inference_is_waited_for(connect: Connect) -> None:
    link = connect(infer_s=50.0)
    x = _inputs(1, 16)[0]
    assert Client(link).infer(x).output == link.board.model(x)
    assert link.now() == pytest.approx(50.0, abs=1.0)


def test_an_inference_as_long_as_the_macs_suggest_is_asked_for_once(connect: Connect) -> None:
    link = connect(infer_s=4.0)
    client = Client(link, macs=7_500_000)
    for _ in range(3):
        client.infer(bytes(16))
    assert client.resends == 0


def test_an_inference_longer_than_the_macs_allow_is_an_error(connect: Connect) -> None:
    limit = infer_timeout_s(10**6, 125_000_000)
    assert 5 < limit < 20
    link = connect(infer_s=2 * limit)
    with pytest.raises(LinkTimeoutError, match=f"within {limit:.1f} s"):
        Client(link, macs=10**6).infer(bytes(16))
    assert link.now() == pytest.approx(limit, abs=0.5)


def test_a_board_that_never_answers_is_reported_within_the_hello_timeout(connect: Connect) -> None:
    link = connect()
    link.silent = True
    with pytest.raises(LinkTimeoutError, match=r"did not answer within 5\.0 s") as caught:
        Client(link).hello()
    assert link.now() == pytest.approx(HELLO_TIMEOUT_S, abs=0.2)
    assert "wiring" in caught.value.hint


@pytest.mark.parametrize(
    ("dies_on", "within_s"),
    [
        (WriteRequest, SILENCE_S),
        (InferRequest, DEFAULT_INFER_TIMEOUT_S),
        (OutputRequest, SILENCE_S),
    ],
)
def test_a_board_that_dies_in_mid_run_is_reported_within_its_timeout(
    connect: Connect, dies_on: type[Message], within_s: float
) -> None:
    link = connect()
    died_at = 0.0

    def die(request: Message) -> None:
        nonlocal died_at
        if isinstance(request, dies_on) and not link.silent:
            link.silent = True
            died_at = link.now()
            raise _DeadError

    link.board.before = die
    with pytest.raises(LinkTimeoutError), Client(_Dying(link)) as client:
        client.infer(bytes(16))
    assert link.now() - died_at == pytest.approx(within_s, abs=0.5)
    assert link.closed


class _DeadError(Exception):
    pass


class _Dying(FakeLink):
    """A link whose board may die instead of answering."""

    def __init__(self, link: FakeLink) -> None:
        self.__dict__ = link.__dict__

    def write(self, data: bytes) -> None:
        try:
            super().write(data)
        except _DeadError:
            return


def _once(kind: type[Message], action: Callable[[], None]) -> Callable[[Message], None]:
    """Does something before the first request of a kind."""
    done = []

    def before(request: Message) -> None:
        if isinstance(request, kind) and not done:
            done.append(True)
            action()

    return before


@pytest.mark.parametrize("kind", [WriteRequest, InferRequest, OutputRequest, StepsRequest])
def test_a_reboot_at_any_point_of_a_run_is_recovered_from(
    connect: Connect, kind: type[Message]
) -> None:
    link = connect()
    client = Client(link)
    client.hello()
    link.board.before = _once(kind, link.board.reboot)
    x = _inputs(1, 16)[0]
    result = client.infer(x, profile=True, checksum=True)
    assert result.output == link.board.model(x)
    assert result.steps == tuple(StepMeasurement(10 * step, step + 1) for step in range(3))
    assert link.board.hello.boot == 2


@pytest.mark.parametrize("kind", [WriteRequest, InferRequest, OutputRequest])
def test_another_model_of_the_same_shape_is_noticed_in_mid_run(
    connect: Connect, kind: type[Message]
) -> None:
    link = connect()
    client = Client(link)
    client.infer(bytes(16))

    def swap() -> None:
        link.board.model = model_of(4, salt=b"other")
        link.board.reboot(replace(link.board.hello, model_sha256="77" * 32))

    link.board.before = _once(kind, swap)
    with pytest.raises(WrongFirmwareError, match="777777777777…, not 5a5a5a5a5a5a…"):
        client.infer(bytes(16))


@pytest.mark.parametrize(
    ("crash", "words", "hint"),
    [
        (Crash(Cause.WATCHDOG, 3, 0, 0, 0), "watchdog: the firmware hung in step 3", "again"),
        (Crash(Cause.WATCHDOG, Crash.NO_STEP, 16, 32, 0), "hung at pc 0x00000010, lr", "addr2line"),
        (Crash(Cause.FAULT, 0, 16, 32, 1 << 25), "in step 0.*a division by zero", "0x00000010"),
        (Crash(Cause.FAULT, Crash.NO_STEP, 0, 0, 0), "gave up$", "stack"),
    ],
)  # fmt: skip
def test_a_board_that_went_down_by_itself_is_named_at_once(
    connect: Connect, crash: Crash, words: str, hint: str
) -> None:
    link = connect()
    client = Client(link)
    client.hello()
    link.board.crash = lambda: crash  # type: ignore[method-assign]
    link.board.before = _once(InferRequest, link.board.reboot)
    with pytest.raises(BoardCrashedError, match=words) as error:
        client.infer(bytes(16))
    assert hint in error.value.hint


@pytest.mark.parametrize("cause", [Cause.POWER, Cause.REQUEST])
def test_a_board_that_was_restarted_is_asked_again(connect: Connect, cause: Cause) -> None:
    link = connect()
    link.board.crash = lambda: Crash(cause, Crash.NO_STEP, 0, 0, 0)  # type: ignore[method-assign]
    link.board.before = _once(InferRequest, link.board.reboot)
    assert Client(link).infer(bytes(16)).output == link.board.model(bytes(16))


def test_a_crash_that_answers_the_request_is_named(connect: Connect) -> None:
    link = connect()
    where = Refused.WHERE.pack(2, 0x1234, 0x5678, 0)
    link.board._infer = lambda request: Refused(ErrorCode.FAULT, 0x1234, where)  # type: ignore
    with pytest.raises(BoardCrashedError, match="gave up in step 2 of the model at pc 0x00001234"):
        Client(link).infer(bytes(16))


def test_a_stale_run_of_the_boot_before_is_not_run_again(connect: Connect) -> None:
    link = connect()
    client = Client(link)
    client.hello()
    link.board.before = _once(InferRequest, link.board.reboot)
    assert client.time().output == b""
    assert link.board.inferred == 1


def test_a_board_that_keeps_rebooting_is_an_error(connect: Connect) -> None:
    link = connect()

    def reboot(request: Message) -> None:
        if isinstance(request, OutputRequest):
            link.board.reboot()

    link.board.before = reboot
    with pytest.raises(DeviceError, match=f"lost {MAX_LOST_RUNS} runs in a row") as caught:
        Client(link).infer(bytes(16))
    assert "power supply" in caught.value.hint


def test_a_wrong_output_is_never_believed(connect: Connect) -> None:
    link = connect()
    honest = link.board._read_output

    def lie(request: OutputRequest) -> Message:
        reply = honest(request)
        return reply if isinstance(reply, Refused) else replace(reply, data=bytes(4))

    link.board._read_output = lie  # type: ignore[method-assign]
    with pytest.raises(DeviceError, match="CRC differs"):
        Client(link).infer(b"\x01" * 16)


def test_the_firmware_of_another_model_is_refused(connect: Connect) -> None:
    client = Client(connect())
    client.expect_model("ab" * 32)
    with pytest.raises(WrongFirmwareError, match="5a5a5a5a5a5a…, not abababababab…"):
        client.infer(bytes(16))


def test_the_firmware_of_another_model_is_refused_when_hello_was_said_before(
    connect: Connect,
) -> None:
    client = Client(connect())
    client.hello()
    client.expect_model("5a" * 32)
    with pytest.raises(WrongFirmwareError):
        client.expect_model("ab" * 32)


def test_another_protocol_version_is_named(connect: Connect) -> None:
    link = connect()
    handle = link.board.handle

    def speak_two(request: Message) -> Message:
        if isinstance(request, HelloRequest):
            return Refused(ErrorCode.VERSION_NOT_SPOKEN, 2)
        return handle(request)

    link.board.handle = speak_two  # type: ignore[method-assign]
    with pytest.raises(
        WrongFirmwareError, match="speaks protocol version 2, this edgekit speaks 1"
    ):
        Client(link).hello()


def test_a_refusal_of_what_another_client_asked_is_not_taken_for_an_old_version(
    connect: Connect,
) -> None:
    link = connect()
    handle = link.board.handle
    strays = 3

    def answer_another_first(request: Message) -> Message:
        nonlocal strays
        strays -= 1
        return Refused(ErrorCode.WRONG_LENGTH, 9) if strays >= 0 else handle(request)

    link.board.handle = answer_another_first  # type: ignore[method-assign]
    assert Client(link).hello() == link.board.hello
    strays = 1000
    with pytest.raises(DeviceError, match="refused HELLO with error 2"):
        Client(link).hello()


def test_a_failed_inference_is_an_error(connect: Connect) -> None:
    link = connect()
    link.board._infer = lambda request: Refused(ErrorCode.INFERENCE_FAILED, 5)  # type: ignore
    with pytest.raises(DeviceError, match="INFER: error 7, detail 5"):
        Client(link).infer(bytes(16))


@pytest.mark.parametrize("size", [0, 15, 17])
def test_an_input_of_the_wrong_size_is_refused_before_anything_is_sent(
    connect: Connect, size: int
) -> None:
    link = connect()
    with pytest.raises(InputError, match=f"{size} B, the model on the board takes 16 B"):
        Client(link).infer(bytes(size))
    assert link.board.served == 1


def test_other_firmware_that_talks_is_told_from_silence(connect: Connect) -> None:
    link = connect()
    link.silent = True
    link._arriving.append((0.1, b"MicroPython v1.22\r\n>>> "))
    with pytest.raises(LinkTimeoutError, match="sent 23 B and no edgekit frame") as caught:
        Client(link).hello()
    assert "115200" in caught.value.hint


def test_steps_are_read_in_parts_and_only_when_asked_for(connect: Connect) -> None:
    client = Client(connect(step_count=100))
    assert client.infer(bytes(16)).steps is None
    steps = client.infer(bytes(16), checksum=True).steps
    assert steps == tuple(StepMeasurement(0, step + 1) for step in range(100))


def test_timing_needs_no_input_and_gives_no_output(connect: Connect) -> None:
    link = connect()
    result = Client(link).time(profile=True)
    assert (result.output, result.cycles) == (b"", 1000)
    assert result.steps is not None
    assert len(result.steps) == 3


def test_every_timing_is_a_run_of_its_own(connect: Connect) -> None:
    link = connect()
    client = Client(link)
    for _ in range(3):
        client.time()
    assert link.board.inferred == 3


def test_memory_is_read(connect: Connect) -> None:
    memory = Client(connect()).memory()
    assert (memory.stack_bytes, memory.stack_used_bytes) == (4096, 1024)


def test_a_restart_is_waited_for(connect: Connect) -> None:
    link = connect()
    client = Client(link)
    client.hello()
    client.reset()
    assert client.hello().boot == 2


def test_a_board_that_ignores_a_reset_is_an_error(connect: Connect) -> None:
    link = connect()
    link.board.reboot = lambda: None  # type: ignore
    with pytest.raises(DeviceError, match="did not restart"):
        Client(link).reset()


def test_a_board_that_went_to_its_bootloader_need_not_answer(connect: Connect) -> None:
    link = connect()
    client = Client(link)
    client.hello()
    link.silent = True
    client.reset(ResetKind.BOOTLOADER)


def test_progress_counts_up_to_the_whole_input(connect: Connect) -> None:
    heard: list[tuple[int, int]] = []
    link = connect(input_bytes=1000)
    Client(link, progress=lambda done, total: heard.append((done, total))).infer(bytes(1000))
    assert heard == [(480, 1000), (960, 1000), (1000, 1000)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, LinkTimeoutError("dead")])
def test_the_port_is_released_whatever_happens(connect: Connect, error: BaseException) -> None:
    link = connect()

    def interrupt(request: Message) -> None:
        raise error

    link.board.before = interrupt
    with pytest.raises((KeyboardInterrupt, LinkTimeoutError)), Client(link) as client:
        client.infer(bytes(16))
    assert link.closed


def test_a_client_that_was_interrupted_in_mid_frame_does_not_hurt_the_next(
    connect: Connect,
) -> None:
    link = connect()
    link.write(b"\x11\x22\x33")
    x = _inputs(1, 16)[0]
    client = Client(link)
    assert client.infer(x).output == link.board.model(x)
    assert client.resends == 0


def test_a_board_that_is_unplugged_in_mid_run_is_reported_at_once(connect: Connect) -> None:
    link = connect()
    client = Client(link)
    client.hello()

    def unplug(request: Message) -> None:
        link.unplugged = True

    link.board.before = unplug
    start = link.now()
    with pytest.raises(NoDeviceError, match="went away"):
        client.infer(bytes(16))
    assert link.now() - start < 0.1
