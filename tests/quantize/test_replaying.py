"""A float model is found again as it was when it was quantized."""

from __future__ import annotations

from support import planted_faults as net

from edgekit.quantize.diagnosis import diagnose
from edgekit.quantize.repairs import Case, repairs
from edgekit.quantize.replaying import as_quantized


def uneven() -> bytes:
    given = net.parameters()
    given["conv2"][0][:4] *= 9
    return net.float_model(given)


def test_equalization_is_made_again_from_the_record() -> None:
    floats, inputs = uneven(), net.images()

    def quantized(model: bytes) -> bytes:
        return net.int8_model(model, inputs)

    case = Case("m", floats, floats, quantized(floats), inputs, quantized)
    case, did = repairs()["equalization"](case)
    assert did
    assert case.float_model != floats
    again = as_quantized(floats, (*did, "bias: of 3 layers"), inputs, "m")
    assert again == case.float_model
    assert diagnose(again, case.int8, inputs).output_sqnr_db > 20


def test_repairs_that_leave_the_float_model_alone_are_not_made() -> None:
    floats = uneven()
    assert as_quantized(floats, ("bias: of 3 layers", "ranges: 2"), net.images(), "m") == floats
