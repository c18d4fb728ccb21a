"""The one way back for any two answers."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.identity.rules_ways import Have, Sim, WayBack, way_back

EVERY_HAVE = [frozenset(some) for some in chain.from_iterable(combinations(Have, n) for n in range(len(Have) + 1))]


@pytest.mark.parametrize("sim", Sim)
def test_id_9_every_combination_of_answers_has_exactly_one_way(sim: Sim) -> None:
    for have in EVERY_HAVE:
        assert isinstance(way_back(sim, have), WayBack)


@given(st.sampled_from(Sim), st.frozensets(st.sampled_from(Have)))
def test_a_way_needs_only_what_the_person_said_to_have(sim: Sim, have: frozenset[Have]) -> None:
    way = way_back(sim, have)
    if way is WayBack.MESSAGE:
        assert sim is Sim.HERE
    elif way is not WayBack.SHOP:
        assert Have(way) in have


@given(st.sampled_from(Sim), st.frozensets(st.sampled_from(Have)), st.sampled_from(Have))
def test_whoever_has_more_is_never_sent_to_a_shop_for_it(sim: Sim, have: frozenset[Have], more: Have) -> None:
    if way_back(sim, have) is not WayBack.SHOP:
        assert way_back(sim, have | {more}) is not WayBack.SHOP


def test_only_the_shop_is_left_when_nothing_is() -> None:
    for sim in (Sim.ELSEWHERE, Sim.LOST, Sim.ANOTHERS):
        assert way_back(sim, frozenset()) is WayBack.SHOP


def test_id_18_nothing_that_hung_on_a_number_gone_opens_anything() -> None:
    assert {way_back(Sim.ANOTHERS, have) for have in EVERY_HAVE} == {WayBack.CONTRACT, WayBack.SHOP}
