"""Gauges and donuts in numbers."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.web import charts


def lengths(parts: list[int]) -> list[float]:
    return [float(piece.dash.split()[0]) for piece in charts.slices(parts)]


@given(st.lists(st.integers(0, 10**9), max_size=12))
def test_it_draws_a_slice_for_each_part_and_never_more_than_a_circle(parts: list[int]) -> None:
    around = 2 * pi * charts.DONUT_RADIUS
    assert len(charts.slices(parts)) == sum(part > 0 for part in parts)
    assert sum(lengths(parts)) <= around * 1.05
    assert all(1 <= piece.color <= charts.COLORS for piece in charts.slices(parts))


def test_it_closes_the_circle_of_a_single_part() -> None:
    assert lengths([5]) == [pytest.approx(2 * pi * charts.DONUT_RADIUS, abs=0.1)]


def test_it_gives_a_part_the_colour_of_its_row_even_after_an_empty_one() -> None:
    assert [piece.color for piece in charts.slices([3, 0, 2])] == [1, 3]


@pytest.mark.parametrize("share", [-1, 0])
def test_it_draws_nothing_of_nothing(share: float) -> None:
    assert charts.gauge_dash(share) == ""


@given(st.floats(0.0001, 5))
def test_it_never_fills_a_ring_more_than_full(share: float) -> None:
    length, around = map(float, charts.gauge_dash(share).split())
    assert 0 < length <= around


@pytest.mark.parametrize(("left", "low"), [(19, True), (20, False), (0, True)])
def test_it_calls_low_what_is_under_a_fifth(left: int, low: bool) -> None:
    assert charts.is_low(left, 100) is low
