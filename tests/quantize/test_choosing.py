"""Which repairs are kept, and by what judgement; stand-ins only set one score's bias."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support.float_nets import NONE, RELU, FloatNet

from edgekit.quantize import choosing
from edgekit.quantize.choosing import apply, choose
from edgekit.quantize.judging import Judge, Verdict
from edgekit.quantize.repairs import Case, Repair, Repaired
from edgekit.quantize.repairs.repair import unchanged

IMAGES = np.random.default_rng(0).uniform(-1, 1, (60, 8, 8, 3)).astype(np.float32)


def model(bias: float = 0.0, activation: int = NONE, sign: int = 1) -> bytes:
    """Scores of two classes; `bias` is added to the second."""
    net = FloatNet((8, 8, 3), seed=1)
    weights = 5 * sign * net.weights(2, 3, 3)
    made = net.conv("scores_map", net.entrance, weights, [0.0, bias], activation)
    return net.done(net.mean("scores", made))


@pytest.fixture(scope="module")
def judge() -> Judge:
    reference = model()
    right = Judge("m", reference, IMAGES, np.zeros(60, np.int64))
    return Judge("m", reference, IMAGES, right._answers)


def case(bias: float) -> Case:
    return Case("m", model(), model(), model(bias), IMAGES, lambda floats: floats)


def setting(name: str, order: int, bias: float, **how: object) -> Repair:
    return Repair(
        name, "", order, lambda case: Repaired(case.float_model, model(bias), (name,)), **how
    )


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(*repairs: Repair) -> None:
        ordered = sorted(repairs, key=lambda one: one.order)
        monkeypatch.setattr(choosing, "repairs", lambda: {one.name: one for one in ordered})

    return put


def tried(choice: choosing.Choice) -> list[tuple[tuple[str, ...], bool]]:
    return [(step.repairs, step.kept) for step in choice.steps]


def judge_of(monkeypatch: pytest.MonkeyPatch, **scores: list[list[float]]) -> Judge:
    """A judge to whom models are names, and the scores of "a" are float's."""
    found = {name: np.array(rows, np.float32) for name, rows in scores.items()}
    monkeypatch.setattr(Judge, "_scores", lambda self, name: found[name])
    return Judge("m", "a", [], found["a"].argmax(axis=1))  # type: ignore[arg-type]


def test_the_expected_drop_is_what_float_thinks_of_the_other_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two images, one changes its answer from a probability of 0.75 to one of 0.25."""
    judged = judge_of(monkeypatch, a=[[0.25, 0.75], [0.9, 0.1]], b=[[0.6, 0.4], [0.8, 0.2]])
    verdict = judged("b")  # type: ignore[arg-type]
    assert verdict.expected_drop[0] == pytest.approx(25.0)
    assert verdict.drop[0] == pytest.approx(50.0)
    assert verdict.agreement == 0.5


def test_rounded_probabilities_are_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of them, each off by up to 1/512, sum to 1.02: no reason to take them for logits."""
    judged = judge_of(monkeypatch, a=[[0.55, *[0.05] * 9]], b=[[0.56, *[0.051] * 9]])
    assert judged("b").moved == pytest.approx(0.0095, abs=1e-4)  # type: ignore[arg-type]


def test_nothing_is_tried_where_nothing_is_lost(judge: Judge, only: Callable[..., None]) -> None:
    only(setting("first", 20, 0.0))
    choice = choose(case(0.0), judge, 0.5)
    assert tried(choice) == [((), True)]
    assert choice.did == ()


def test_what_helps_is_kept_what_hurts_is_left_out_and_enough_is_enough(
    judge: Judge, only: Callable[..., None]
) -> None:
    only(
        setting("harm", 20, 9.0),
        setting("help", 21, 0.2),
        setting("cure", 22, 0.0),
        setting("late", 23, 0.0),
    )
    choice = choose(case(2.0), judge, 0.5)
    assert tried(choice) == [
        ((), True),
        (("harm",), False),
        (("help",), True),
        (("help", "cure"), True),
    ]
    assert choice.did == ("help", "cure")
    stock, harm, help_, cure = (step.moved for step in choice.steps)
    assert harm > stock > help_ > cure == 0  # what decides stands in the record
    assert stock == judge(model(2.0)).moved.mean()
    assert judge(choice.case.int8).agreement == 1.0


def test_the_result_is_stock_where_every_repair_harms(
    judge: Judge, only: Callable[..., None]
) -> None:
    only(setting("harm", 20, 9.0), setting("idle", 30, 0.0, always=True))
    stock = case(0.4)
    choice = choose(stock, judge, 0.0)
    assert tried(choice) == [((), True), (("harm",), False)]
    assert choice.did == ("idle",)  # what makes a result right is always made


def test_combinations_are_searched_only_where_too_much_is_still_lost(
    judge: Judge, only: Callable[..., None]
) -> None:
    only(setting("harm", 20, 9.0), setting("slow", 30, 0.0, slow=True))
    assert judge(case(0.4).int8).agreement < 0.97  # not enough to stop before all quick ones
    told: list[str] = []
    worse = replace(case(0.4), progress=lambda stage, *_: told.append(stage))
    assert tried(choose(worse, judge, 50.0)) == [((), True), (("harm",), False)]
    assert told == []
    assert (("slow",), True) in tried(choose(worse, judge, 0.0))
    assert "points lost, 0 allowed" in told[0]


def test_costly_repairs_come_last(judge: Judge, only: Callable[..., None]) -> None:
    only(
        setting("heavy", 20, 0.1, heavier=True),
        setting("slow", 21, 0.2, slow=True),
        setting("cheap", 22, 0.3),
    )
    found = choose(case(2.0), judge, 0.0).steps[1:]
    assert [step.repairs for step in found] == [
        ("cheap",),
        ("slow", "cheap"),
        ("slow",),
        ("heavy", "slow"),
        ("heavy", "cheap"),
    ]


def test_what_not_every_runtime_has_is_tried_last_and_not_chosen(
    judge: Judge, only: Callable[..., None]
) -> None:
    wide = setting("wide", 60, 0.0, heavier=True, on_request=True)
    right = Repair(
        "right", "", 70, lambda case: Repaired(case.float_model, case.int8, ("right: x",)),
        always=True,
    )  # fmt: skip
    only(setting("help", 20, 0.5), wide, right)
    choice = choose(case(2.0), judge, 0.0)
    assert tried(choice)[-1] == (("help",), True)
    assert choice.further is not None
    assert choice.further.repairs == ("help", "wide", "right")
    assert choice.further.verdict.lost == 0
    assert choose(case(2.0), judge, 90.0).further is None


def test_what_does_not_help_either_is_not_named(judge: Judge, only: Callable[..., None]) -> None:
    only(setting("worse", 60, 9.0, heavier=True, on_request=True))
    assert choose(case(2.0), judge, 0.0).further is None


def test_a_repair_that_another_covers_is_not_tried(judge: Judge, only: Callable[..., None]) -> None:
    only(setting("all", 40, 0.5, covers=("part",)), setting("part", 50, 0.0))
    found = choose(case(2.0), judge, 0.0).steps[1:]
    assert [step.repairs for step in found] == [("all",), ("part",)]


def test_what_one_repair_spoils_is_also_tried_without_it(
    judge: Judge, only: Callable[..., None]
) -> None:
    """`cure` helps only where `dazzle`, which helps at first, was not made."""

    def cure(case: Case) -> Repaired:
        bias = 0.0 if case.int8 == model(2.0) else 9.0
        return Repaired(case.float_model, model(bias), ("cure",))

    only(setting("dazzle", 10, 1.0), Repair("cure", "", 20, cure))
    choice = choose(case(2.0), judge, 0.0)
    assert tried(choice) == [
        ((), True),
        (("dazzle",), False),
        (("dazzle", "cure"), False),
        (("cure",), True),
    ]
    assert choice.did == ("cure",)


def verdict(
    *, moved: float = 0.0, differing: int = 0, lost: int = 0, regret: float = 0.0
) -> Verdict:
    """Of 200 images; `lost` and `regret` are of the first ones."""
    first = np.arange(200) < max(lost, 10)
    losses, differs = np.arange(200) < lost, np.arange(200) < differing
    return Verdict(losses.astype(np.float64), regret * first, np.full(200, moved), differs)


def test_many_other_answers_are_not_enough_however_small_the_drop() -> None:
    assert verdict(differing=6).within(0.5)
    assert not verdict(differing=7).within(0.5)


def test_the_better_moves_less_unless_a_drop_clearly_gainsays() -> None:
    stock = verdict(moved=0.2)
    assert verdict(moved=0.1, lost=2).better_than(stock)  # two of 200 may be chance
    assert not verdict(moved=0.1, lost=9).better_than(stock)
    assert not verdict(moved=0.1, regret=0.5).better_than(stock)
    assert not verdict(moved=0.3).better_than(stock)


def test_a_repair_that_finds_nothing_is_not_reported(
    judge: Judge, only: Callable[..., None]
) -> None:
    only(Repair("blank", "", 20, unchanged))
    assert tried(choose(case(2.0), judge, 0.5)) == [((), True)]


def test_named_repairs_are_made_in_their_own_order(only: Callable[..., None]) -> None:
    only(setting("late", 50, 1.0), setting("early", 20, 2.0))
    done, did = apply(case(0.0), ["late", "early"])
    assert did == ("early", "late")
    assert done.int8 == model(1.0)


def test_an_earlier_repair_is_put_before_those_already_made(
    judge: Judge, only: Callable[..., None]
) -> None:
    """Repairs of the float model quantize anew: what came after has to be made again."""
    seen: list[str] = []

    def noted(name: str, bias: float) -> Callable[[Case], Repaired]:
        def apply(case: Case) -> Repaired:
            seen.append(name)
            return Repaired(case.float_model, model(bias), (name,))

        return apply

    only(
        Repair("early", "", 10, noted("early", 0.0), slow=True),
        Repair("late", "", 30, noted("late", 0.5)),
    )
    choice = choose(case(2.0), judge, 0.0)
    assert seen[:3] == ["late", "early", "late"]
    assert choice.steps[2].repairs == ("early", "late")


@pytest.mark.parametrize(
    ("int8", "first"),
    [(model(sign=-1), "weight"), (model(activation=RELU), "range")],
)
def test_repairs_go_first_for_what_loses_the_most(
    judge: Judge, only: Callable[..., None], int8: bytes, first: str
) -> None:
    """Weights that are all wrong, and a clamp with the right weights."""
    only(noop("range", 20, slow=True), noop("weight", 40, slow=True))
    base = Case("m", model(), model(), int8, IMAGES, lambda floats: floats)
    assert choose(base, judge, 0.0).steps[1].repairs == (first,)


def noop(name: str, order: int, **how: object) -> Repair:
    return Repair(
        name, "", order, lambda case: Repaired(case.float_model, case.int8, (name,)), **how
    )
