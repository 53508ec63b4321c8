"""Where our own files lie: in a checkout, or inside an installed wheel.

`boards/` and `firmware_templates/` stand at the top of the checkout, where people look for them,
and are mapped to `edgekit/_data/` in the wheel. Nothing else in the package may know that.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs

from edgekit.errors import InputError

_PACKAGE = Path(__file__).parent


def _shipped(folder: str) -> Path:
    installed = _PACKAGE / "_data" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def boards_folder() -> Path:
    """The folder of board files, one `<id>.toml` each."""
    return _shipped("boards")


def firmware_templates_folder() -> Path:
    """The folder of firmware sources, one folder per template."""
    return _shipped("firmware_templates")


def package_folder() -> Path:
    """The folder of this package's own modules."""
    return _PACKAGE


def kernels_folder() -> Path:
    """The folder of C kernels."""
    return _PACKAGE / "kernels"


def cache_folder() -> Path:
    """Things that can be made again: compiled hooks, compiler caches. Made when missing.

    Raises `InputError` when it cannot be made.
    """
    return _made(platformdirs.user_cache_path("edgekit"), "XDG_CACHE_HOME")


def state_folder() -> Path:
    """Things that last between commands: emulated flash, the last build. Made when missing.

    Raises `InputError` when it cannot be made.
    """
    return _made(platformdirs.user_state_path("edgekit"), "XDG_STATE_HOME")


def _made(folder: Path, variable: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the folder {folder}: {error.strerror}",
            hint=f"Set {variable} to a folder that you may write to.",
        ) from None
    return folder


def emulated_flash_image(board_id: str) -> Path:
    """The flash of an emulated board, byte for byte from its base; absent until it is flashed."""
    return state_folder() / "emulated" / board_id / "flash.bin"


def agent_file(board_id: str) -> Path:
    """The agent of a board that is this machine; absent until it is flashed."""
    return state_folder() / "agents" / f"{board_id}.pyz"
