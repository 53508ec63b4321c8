from __future__ import annotations

from support import float_nets

from edgekit.quantize.layers import weighted_layers
from edgekit.tflite.editing import ABSENT, Editor


def test_layers_are_listed_with_their_operands_and_channel_axis() -> None:
    editor = Editor(float_nets.residual(), "net")
    found = weighted_layers(editor)
    assert [layer.name for layer in found] == ["stem", "inner", "branch", "scores_map"]
    for layer in found:
        assert layer.axis == 0
        assert layer.bias != ABSENT
        assert editor.tensor_name(layer.output) == layer.name
        assert editor.shape(layer.bias) == editor.shape(layer.weights)[:1]
