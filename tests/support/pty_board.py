"""A simulated board on a real pty, served by a thread."""

from __future__ import annotations

import os
import pty
import select
import threading
import tty
from collections.abc import Callable

from edgekit.link.simulated_board import SimulatedBoard, describe
from edgekit.protocol.message import Message
from support.simulated_models import model_of


class PtyBoard:
    """`port` opens like any serial port, as often as one likes; closing it unplugs the board."""

    def __init__(
        self, *, input_bytes: int = 16, before: Callable[[Message], None] | None = None
    ) -> None:
        hello = describe(input_bytes=input_bytes, output_bytes=4, board="pico")
        self.board = SimulatedBoard(model_of(4), hello, before=before)
        self._master, self._slave = pty.openpty()  # the slave stays open between clients
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.silent = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> PtyBoard:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Both ends go away."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join()
        os.close(self._slave)
        os.close(self._master)

    def _serve(self) -> None:
        while not self._stop.is_set():
            if select.select([self._master], [], [], 0.02)[0]:
                for answer in self.board.receive(os.read(self._master, 4096)):
                    if not self.silent:
                        os.write(self._master, answer.frame)
