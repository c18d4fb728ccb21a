"""What may be ordered, and where an order stands: for every order of events (CAB-11)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.catalog.offers.rules import OfferVersion, conflicting
from abonent.domains.orders import rules, states
from abonent.domains.orders.rules import Action, Facts, Why
from abonent.domains.orders.states import FINAL, OPEN, UNDONE_IN, Event, State
from tests.factories.offers import offer

TODAY = date(2026, 3, 10)
OFFERS = {
    one.code: one
    for one in (
        offer("a"), offer("b", conflicts=("a",)), offer("c", requires=("a",)), offer("d", requires=("c", "e")),
        offer("e"), offer("f", conflicts=("d", "e")),
    )
}  # fmt: skip


def facts(**known: object) -> Facts:
    return Facts(**{"service": "mobile", "region": "", "blocked": False, "network": True, **known})


def why(action: Action, version: OfferVersion, **known: object) -> Why | None:
    refusal = rules.refused(action, version, facts(**known), TODAY)
    return refusal.why if refusal else None


@given(st.lists(st.sampled_from(list(Event)), max_size=12))
def test_cab_11_an_order_ends_once_and_is_not_undone_after_the_network_was_asked(events: list[Event]) -> None:
    now, came = State.ACKNOWLEDGED, [State.ACKNOWLEDGED]
    for event in events:
        try:
            following = states.after(now, event)
        except states.NoSuchStep:
            continue
        assert now in OPEN
        assert following is not State.CANCELLED or now in UNDONE_IN
        assert following is not State.COMPLETED or now is State.IN_PROGRESS
        now = following
        came.append(now)
    assert len(set(came)) == len(came), "no state twice"
    assert now in OPEN or now in FINAL


def test_cab_11_every_state_is_reached_and_every_open_one_can_end() -> None:
    reached = {State.ACKNOWLEDGED, *states.TRANSITIONS.values()}
    assert reached == set(State)
    for state in OPEN:
        assert any(start is state and end in FINAL for (start, _), end in states.TRANSITIONS.items())


STEPS = st.lists(st.tuples(st.sampled_from(["connect", "disconnect", "done", "off"]), st.sampled_from(sorted(OFFERS))))


@given(STEPS)
def test_cab_11_whatever_is_ordered_and_however_it_ends_no_line_has_what_does_not_go_together(
    steps: list[tuple[str, str]],
) -> None:
    """Orders are accepted by the rule, then done or given up in any order; what the line has always fits."""
    has: set[str] = set()
    coming: list[str] = []
    going: list[str] = []
    for step, code in steps:
        known = {
            "has": {one: OFFERS[one] for one in has}, "coming": {one: OFFERS[one] for one in coming},
            "going": frozenset(going),
        }  # fmt: skip
        if step in ("connect", "disconnect"):
            action = Action(step)
            if why(action, OFFERS[code], **known) is None:
                (coming if action is Action.CONNECT else going).append(code)
        elif code in coming:
            coming.remove(code)
            has |= {code} if step == "done" else set()
        elif code in going:
            going.remove(code)
            has -= {code} if step == "done" else set()
        for one in has:
            assert set(OFFERS[one].requires) <= has
            assert not any(conflicting(OFFERS[one], OFFERS[other]) for other in has if other != one)


@given(st.sets(st.sampled_from(sorted(OFFERS))), st.sampled_from(sorted(OFFERS)))
def test_cab_11_a_refusal_names_exactly_what_stands_in_the_way(has: set[str], code: str) -> None:
    known = facts(has={one: OFFERS[one] for one in has})
    refusal = rules.refused(Action.CONNECT, OFFERS[code], known, TODAY)
    if refusal is None:
        assert set(OFFERS[code].requires) <= has
    elif refusal.why is Why.CONFLICTS:
        assert set(refusal.codes) == {one for one in has if conflicting(OFFERS[one], OFFERS[code])}
    elif refusal.why is Why.NEEDS:
        assert set(refusal.codes) == set(OFFERS[code].requires) - has
    else:
        assert (refusal.why, code in has) == (Why.HAS_ALREADY, True)


def test_cab_11_each_reason_by_its_facts() -> None:
    plain = offer("a")
    assert why(Action.CONNECT, plain) is None
    assert why(Action.CONNECT, plain, network=False) is Why.NO_NETWORK
    assert why(Action.CONNECT, plain, blocked=True) is Why.BLOCKED
    assert why(Action.CONNECT, plain, service="tv") is Why.NOT_FOR_LINE
    assert why(Action.CONNECT, offer("a", valid_until=TODAY)) is Why.NOT_SOLD
    assert why(Action.CONNECT, offer("a", valid_from=date(2026, 3, 11))) is Why.NOT_SOLD
    assert why(Action.CONNECT, offer("a", regions=("north",))) is Why.REGION
    assert why(Action.CONNECT, offer("a", regions=("north",)), region="north") is None
    assert why(Action.CONNECT, plain, coming={"a": plain}) is Why.ON_THE_WAY
    assert why(Action.DISCONNECT, plain) is Why.HAS_NOT
    assert why(Action.DISCONNECT, plain, has={"a": plain}, blocked=True) is None
    assert why(Action.DISCONNECT, plain, has={"a": plain}, going=frozenset({"a"})) is Why.ON_THE_WAY
    assert why(Action.DISCONNECT, plain, has={"a": plain}, coming={"c": OFFERS["c"]}) is Why.NEEDED_BY
    assert why(Action.CONNECT, OFFERS["c"], has={"a": plain}, going=frozenset({"a"})) is Why.NEEDS


def test_cab_11_what_another_service_needs_stays_on_at_the_network() -> None:
    one, other = offer("one", network=("x", "y")), offer("other", network=("y", "z"))
    assert rules.switched(Action.DISCONNECT, one, {"one": one, "other": other}) == (set(), {"x"})
    assert rules.switched(Action.CONNECT, one, {"other": other}) == ({"x", "y"}, set())
