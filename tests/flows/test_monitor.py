"""The monitor takes a line apart into text, frames and noise, whatever pieces it comes in."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import host_firmware, tiny_model

from edgekit.cli.main import run
from edgekit.flows.monitor import Transcript, describe_payload
from edgekit.protocol import frames, messages
from edgekit.protocol.replies import Output, Refused, Written

WRITTEN = frames.encode(messages.encode_reply(Written(480, 10), 7))  # 10 is a line feed
REFUSED = frames.encode(messages.encode_reply(Refused(7, 0x1000_1234), 200))
STREAM = b"m-init-done\r\nm-ready\r\n\0" + WRITTEN + b"\xff\x01\xfe\0" + REFUSED + b"half a line\0"
SEEN = [
    ("text", "m-init-done"),
    ("text", "m-ready"),
    ("frame", "Written #7 offset=480, length=10"),
    ("noise", "4 B: ff 01 fe 00"),
    ("frame", "Refused #200 code=7, detail=268440116"),
    ("text", "half a line"),
]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_text_frames_and_noise_are_told_apart_in_any_pieces(cuts: list[int]) -> None:
    transcript = Transcript()
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in itertools.pairwise(edges)]
    assert [line for piece in pieces for line in transcript.feed(piece)] == SEEN


def test_a_crash_is_shown_with_its_place() -> None:
    where = Refused.WHERE.pack(3, 0x1000, 0x2000, 0)
    payload = messages.encode_reply(Refused(9, 0x1000, where), 8)
    assert describe_payload(payload) == "Crash #8 cause=3, step=3, pc=4096, lr=8192, status=0"


def test_long_data_is_counted_not_shown() -> None:
    payload = messages.encode_reply(Output(3, 0, bytes(200)), 1)
    assert describe_payload(payload) == "Output #1 run=3, offset=0, data=200 B"
    assert describe_payload(b"\x55\x00") == "a frame that is no message (type 0x55)"


def test_a_board_is_watched_and_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = tiny_model.write(tmp_path / "model")
    program = host_firmware.build(compiled, tmp_path / "model", tmp_path / "out")
    port = f"exec://{program}"
    status = run(["monitor", "--board", "pico", "--port", port, "--send", "name", "--send",
                  "profile", "--seconds", "1.5", "--json"])  # fmt: skip
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert {line["kind"] for line in lines} == {"text"}
    texts = [line["text"] for line in lines]
    assert texts[-4:] == [
        "m-ready", "m-profile-[ULPMark for tinyML Firmware V0.0.1]", "m-model-[tiny]", "m-ready",
    ]  # fmt: skip
    assert "m-name-dut-[edgekit]" in texts
