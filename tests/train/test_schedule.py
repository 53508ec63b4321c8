from __future__ import annotations

import pytest

from edgekit.train.schedule import learning_rate


def test_it_rises_to_the_peak_and_falls_to_nearly_nothing() -> None:
    rates = [learning_rate(step, 1000, 0.5) for step in range(1000)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.5)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 < top < 50
    assert 0 < rates[-1] < 1e-5
    assert rates[(1000 + top) // 2] == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_few_steps_all_learn(steps: int) -> None:
    assert all(learning_rate(step, steps, 1.0) > 0 for step in range(steps))
