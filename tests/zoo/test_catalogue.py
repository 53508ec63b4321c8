from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from edgekit import zoo
from edgekit.errors import InputError

ARCHITECTURES = (
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3",
    "shufflenet_v1",
    "shufflenet_v2",
    "squeezenet",
    "xception",
)


def test_the_zoo_has_every_architecture() -> None:
    assert zoo.names() == ARCHITECTURES


def test_every_variant_is_listed_with_its_counts() -> None:
    counted = ("params", "params_total", "macs", "int8_bytes", "ram_bytes")
    listed = zoo.entries()
    assert {entry["name"] for entry in listed} == set(ARCHITECTURES)
    assert all(entry[key] > 0 for entry in listed for key in counted)
    assert all(entry["params_total"] >= entry["params"] for entry in listed)


# The papers round, some down, and some count a little differently. No row of `edgekit zoo list`
# stands beside a wrong figure but those that say why.
def test_counts_agree_with_the_papers_figures_or_a_note_says_why() -> None:
    noted = {
        (entry["name"], key, entry["paper"][key])
        for entry in zoo.entries()
        for key in ("params", "macs")
        if entry["paper"][f"{key}_note"]
    }
    assert noted == {
        ("mobilenet_v2", "params", "6.9M"),
        ("mobilenet_v3", "macs", "65M"),
        ("shufflenet_v1", "macs", "13M"),
    }
    tolerance = {"params": 0.05, "macs": 1.0}
    for entry in zoo.entries():
        for key, allowed in tolerance.items():
            stated = entry["paper"][key]
            if stated and not entry["paper"][f"{key}_note"]:
                wanted = pytest.approx(float(stated[:-1]), rel=0.035, abs=allowed)
                assert entry[key] / 1e6 == wanted, entry


def test_listing_loads_no_tensorflow() -> None:
    code = "import sys; from edgekit import zoo; zoo.entries(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


def test_wrong_names_are_answered_with_right_ones() -> None:
    with pytest.raises(InputError) as caught:
        zoo.describe("mobilnet_v1")
    assert "Did you mean mobilenet_v1?" in caught.value.hint
    with pytest.raises(InputError, match="no metaparameter alfa") as caught:
        zoo.describe("mobilenet_v1", alfa=1)
    assert "alpha" in caught.value.hint


def test_metaparameters_are_listed_with_their_defaults() -> None:
    assert zoo.metaparameters("mobilenet_v1") == {
        "alpha": 1.0,
        "resolution": None,
        "rho": 1.0,
        "channels": 3,
        "classes": 1000,
        "activation": "relu6",
        "dropout": 0.001,
    }


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_all_take_any_image_and_any_number_of_classes(name: str) -> None:
    net = zoo.describe(name, resolution="47x96", channels=2, classes=5)
    assert net.input.shape == (47, 96, 2)
    assert net.output.shape == (5,)


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"resolution": -3}, "no image has resolution -3"),
        ({"resolution": "big"}, "no image has resolution big"),
        ({"channels": 0}, "0 channels"),
        ({"classes": 0}, "layer .* of shape"),
        ({"activation": "gelu"}, "no activation 'gelu'"),
        ({"dropout": 1.0}, "dropout must be"),
    ],
)
def test_impossible_metaparameters_are_refused(
    name: str, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        zoo.describe(name, **wrong)


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("width", [0.0, -1.0])
def test_a_network_has_a_width(name: str, width: float) -> None:
    multiplier = zoo.metaparameters(name).keys() & {"alpha", "scale", "squeeze_ratio"}
    with pytest.raises(InputError):
        zoo.describe(name, **dict.fromkeys(multiplier, width))
