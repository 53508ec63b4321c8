from __future__ import annotations

import pytest
from ai_edge_litert import schema_py_generated as schema
from support.models import Value, single_op

from edgekit.errors import ModelError
from edgekit.runtimes import trial


def _softmax(scale: float) -> bytes:
    options = schema.SoftmaxOptionsT()
    options.beta = 1.0
    return single_op("SOFTMAX", [Value((1, 4), scale, 0)], Value((1, 4), 1 / 256, -128), options)


def test_a_model_that_litert_runs_is_none_of_its_business() -> None:
    trial.require_survival(_softmax(0.125))


def test_a_model_that_litert_aborts_on_is_refused_and_nothing_dies() -> None:
    with pytest.raises(ModelError, match="LiteRT dies of this model"):
        trial.require_survival(_softmax(1e-30))


def test_what_litert_refuses_itself_it_says_itself() -> None:
    with pytest.raises(ModelError, match="LiteRT refuses the model"):
        trial.require_survival(b"no model at all")
