from __future__ import annotations

import numpy as np

from edgekit.quantize.scores import are_probabilities, cross_entropy, probabilities, softmax

SUMS = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
LOGITS = np.log(np.array([[1.0, 3.0]], np.float32)) + 5


def test_probabilities_are_taken_as_they_are_and_made_of_logits() -> None:
    assert are_probabilities(SUMS)
    np.testing.assert_array_equal(probabilities(SUMS), SUMS)
    assert not are_probabilities(LOGITS)
    np.testing.assert_allclose(probabilities(LOGITS), [[0.25, 0.75]], rtol=1e-6)
    assert not are_probabilities(np.array([[0.25, 0.85]], np.float32))


def test_logits_of_any_size_have_a_softmax() -> None:
    np.testing.assert_allclose(softmax(np.array([[3e4, 3e4]], np.float32)), [[0.5, 0.5]])


def test_a_hopeless_answer_costs_no_more_than_ten() -> None:
    np.testing.assert_allclose(cross_entropy(SUMS, np.array([1, 1])), [-np.log(0.75), 10.0])
    np.testing.assert_allclose(cross_entropy(LOGITS, np.array([0])), [-np.log(0.25)], rtol=1e-6)
