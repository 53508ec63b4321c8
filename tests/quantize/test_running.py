from __future__ import annotations

from edgekit.quantize.running import in_parallel


def test_work_in_parallel_keeps_its_order_and_stays_close_to_its_reader() -> None:
    asked = []

    def items() -> object:
        for number in range(1000):
            asked.append(number)
            yield number

    results = in_parallel(lambda number: number * 2, items())  # type: ignore[arg-type]
    assert [next(results) for _ in range(5)] == [0, 2, 4, 6, 8]
    assert len(asked) < 200
    results.close()
