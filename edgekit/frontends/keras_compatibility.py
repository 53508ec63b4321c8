"""`.keras` files of a newer Keras than the one installed.

Keras refuses settings that it does not know, and newer ones write more of them; the last Keras for
Python 3.10 is such an older one. How a weight was once initialized does not matter to a model that
has its weights, and a setting that is off is as good as absent: both are left out.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

_CONFIG = "config.json"
_OFF = {
    "quantization_config": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,  # counts only with renorm
}
_PLAIN = {"module": "keras.initializers", "class_name": "Zeros", "config": {}}


def without_later_settings(path: Path, config: Any, folder: Path) -> Path:
    """A copy of the `.keras` file in `folder` whose description has none of these settings.

    Raises what `zipfile` raises for a damaged file.
    """
    copy = folder / "model.keras"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for member in source.infolist():
            if member.filename != _CONFIG:
                target.writestr(member, source.read(member))
        target.writestr(_CONFIG, json.dumps(_plain(config)))
    return copy


def _plain(config: Any) -> Any:
    """The description with the simplest initializers, and without what is off."""
    if isinstance(config, list):
        return [_plain(value) for value in config]
    if not isinstance(config, dict):
        return config
    if config.get("module") == _PLAIN["module"]:
        return {**_PLAIN, "registered_name": None}
    on = {key: value for key, value in config.items() if key not in _OFF or value != _OFF[key]}
    return {key: _plain(value) for key, value in on.items()}
