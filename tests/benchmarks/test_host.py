"""How fast the host validates, as it was kept: the reference's bytes, several times as fast."""

from __future__ import annotations

from pathlib import Path

import msgspec

KEPT = Path(__file__).resolve().parents[2] / "benchmarks" / "host.json"


def test_validating_takes_a_quarter_of_the_reference_loop_and_less() -> None:
    models = msgspec.json.decode(KEPT.read_bytes())["models"]
    assert models
    for name, found in models.items():
        assert found["validate_per_s"] >= 4 * found["one_image_at_a_time_per_s"], name
        assert list(found["xnnpack_per_s"]) == ["1", "2", "4"], name
