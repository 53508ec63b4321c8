"""An unfinished training on disk: what it needs to go on exactly where it was left."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from edgekit.artifacts import Epoch, write_bytes
from edgekit.errors import InputError

_HISTORY = msgspec.json.Decoder(tuple[Epoch, ...])


class StateFolder:
    """A folder with `best.keras`, the best model so far, and `state.npz`, the last whole epoch.

    `identity` is a hash of all that decides the training: a folder of another one is refused.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self._identity = path, identity

    @property
    def best(self) -> Path:
        """The best model so far; any time a whole file."""
        return self.path / "best.keras"

    def restore(self, variables: list[Any]) -> tuple[Epoch, ...]:
        """Sets variables as they were saved; gives the epochs done, none for a fresh start.

        Raises `InputError` when the folder holds another training, or a damaged one.
        """
        file = self.path / "state.npz"
        if not file.exists():
            return ()
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as saved:
                identity, history = str(saved["identity"]), _HISTORY.decode(str(saved["history"]))
                values = [saved[f"v{number}"] for number in range(len(saved.files) - 2)]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(f"{file} is damaged: {error}", hint=self._way_out()) from None
        if identity != self._identity or len(values) != len(variables):
            raise InputError(
                f"{self.path} holds an unfinished training of {len(history)} epoch(s) with other "
                "settings, data or model",
                hint=self._way_out(),
            )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return history

    def save(self, variables: list[Any], history: tuple[Epoch, ...]) -> None:
        """Keeps variables and the epochs done so far."""
        packed = io.BytesIO()
        values: dict[str, Any] = {
            f"v{number}": np.asarray(each) for number, each in enumerate(variables)
        }
        done = msgspec.json.encode(history).decode()
        np.savez(packed, identity=np.array(self._identity), history=np.array(done), **values)
        write_bytes(self.path / "state.npz", packed.getvalue())

    def best_model(self) -> bytes:
        """The bytes of the best model. Raises `InputError` when somebody took it away."""
        try:
            return self.best.read_bytes()
        except OSError as error:
            raise InputError(
                f"cannot read {self.best}: {error.strerror}", hint=self._way_out()
            ) from None

    def remove(self) -> None:
        """Deletes the folder: the training is over, or is to start again."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _way_out(self) -> str:
        return "Repeat the command that began it, or start again with --restart."
