"""What counts as a measured speed, and what it is enough for (CAB-14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from abonent.domains.lines.speed import rules
from abonent.domains.lines.speed.rules import Measured, Size, Speeds, Standing, Use, Verdict, Why

MB = rules.MB
GOOD = Measured(10 * MB, 8000, 5 * MB, 8000, 12_000, 2_000)
MOVED = {"down_bytes": 10 * MB, "up_bytes": 5 * MB, "lasted": timedelta(seconds=20)}


def test_cab_14_a_result_is_reckoned_from_bytes_and_times() -> None:
    assert rules.speeds(GOOD, **MOVED) == Speeds(10_000, 5_000, 12_000, 2_000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"down_bytes": 10 * MB + 1}, {"up_bytes": 5 * MB + 1}, {"down_bytes": 0}, {"up_ms": 0}, {"down_ms": 20_001},
        {"down_ms": 12_001, "up_ms": 8000}, {"latency_us": 0}, {"latency_us": rules.LATENCY_US_MAX + 1},
        {"jitter_us": rules.LATENCY_US_MAX + 1}, {"down_bytes": -1},
    ],
)  # fmt: skip
def test_cab_14_what_nobody_can_have_measured_is_no_result(wrong: dict[str, int]) -> None:
    with pytest.raises(rules.Implausible):
        rules.speeds(replace(GOOD, **wrong), **MOVED)  # type: ignore[arg-type]


def test_cab_14_a_speed_that_no_column_holds_is_no_result() -> None:
    huge = replace(GOOD, down_bytes=10**12, down_ms=1)
    with pytest.raises(rules.Implausible):
        rules.speeds(huge, down_bytes=10**12, up_bytes=5 * MB, lasted=timedelta(seconds=20))


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(0, 0, 0, True), None),
        (Standing(3, 0, 11, True), None),
        (Standing(4, 0, 0, True), Why.BUSY),
        (Standing(1, 1, 1, False), Why.HERE),
        (Standing(0, 0, 12, True), Why.OFTEN),
        (Standing(0, 0, 12, False), None),
        (Standing(0, 0, 30, False), Why.OFTEN),
    ],
)
def test_cab_14_who_may_begin(standing: Standing, expected: Why | None) -> None:
    assert rules.refusal(standing, 4) is expected


def test_cab_14_what_a_speed_is_enough_for() -> None:
    def uses(*speeds: int) -> set[Use]:
        return {use for use, enough in rules.enough_for(Speeds(*speeds)) if enough}

    assert uses(100, 50, 10_000, 0) == set()
    assert uses(1_000, 500, 400_000, 0) == {Use.MESSAGES, Use.MUSIC}
    assert uses(7_000, 3_000, 300_000, 0) == {Use.MESSAGES, Use.MUSIC, Use.VIDEO}, "slow answers: no calls, no games"
    assert Use.GAMES not in uses(90_000, 90_000, 20_000, 30_000), "answers that come unevenly"
    assert uses(90_000, 90_000, 20_000, 2_000) == set(Use)


@pytest.mark.parametrize(
    ("down", "promised", "expected"),
    [
        (80, 100, Verdict.AS_PROMISED), (79, 100, Verdict.LESS), (50, 100, Verdict.LESS),
        (49, 100, Verdict.FAR_LESS), (300, 0, None),
    ],
)  # fmt: skip
def test_cab_14_a_speed_beside_the_promised_one(down: int, promised: int, expected: Verdict | None) -> None:
    assert rules.verdict(down, promised) is expected


def test_cab_14_what_is_told_before_is_what_may_be_moved() -> None:
    assert [rules.MOST[size].mb for size in (Size.SMALL, Size.FULL, Size.FILE)] == [40, 300, 5]
