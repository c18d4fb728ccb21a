"""Bars on lines: what the network knows follows from the set of them; a lost phone proves nothing (CAB-13, CAB-19)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.domains.identity import models as identity_models
from abonent.domains.lines import actions, models, queries
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars import rules as bars_rules
from abonent.domains.lines.bars.rules import REACH, Kind, Reach
from abonent.domains.lines.provisioning import reconciling
from abonent.domains.lines.queries import Line
from tests.factories import identity, lines, network
from tests.factories.network import Switch

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KINDS = st.sampled_from(list(Kind))


@pytest.fixture
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def standing(line: Line) -> set[Kind]:
    return {bar.kind for bar in bars_queries.standing(line.id)}


def impose(line: Line, kind: Kind, at: datetime = AT) -> bool:
    return bars.impose(line_id=line.id, kind=kind, by="test", at=at)


def lift(line: Line, kind: Kind, at: datetime = AT) -> bool:
    return bars.lift(line_id=line.id, kind=kind, by="test", at=at)


@given(st.lists(st.tuples(st.booleans(), KINDS), max_size=30))
def test_cab_13_whatever_came_and_went_the_network_has_what_the_standing_bars_ask_for(
    steps: list[tuple[bool, Kind]],
) -> None:
    """The differences that are told, one after the other, add up to what follows from the set."""
    now: set[Kind] = set()
    has: set[str] = set()
    for imposed, kind in steps:
        before, now = now, now | {kind} if imposed else now - {kind}
        on, off = bars_rules.switched(before, now)
        assert not on & off
        assert not on & has, "nothing is switched on twice"
        assert off <= has, "nothing is switched off that is not on"
        has = has | on - off
        has -= off
    assert has == bars_rules.features(now) <= bars_rules.KNOWN
    assert bool(has) == bool(now)
    assert bars_rules.bars_all(now) == any(REACH[kind] is Reach.ALL for kind in now)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["impose", "lift", "work", "lose", "down", "up"]), KINDS), max_size=14))
def test_cab_13_any_order_repetition_and_mishap_ends_with_the_same_at_the_network(
    switch: Switch, steps: list[tuple[str, Kind]]
) -> None:
    line = lines.line()
    wanted: set[Kind] = set()
    at = AT
    switch.down, switch.lost = False, 0
    for step, kind in steps:
        at += MINUTE
        if step == "impose":
            assert impose(line, kind, at) == (kind not in wanted)
            wanted |= {kind}
        elif step == "lift":
            assert lift(line, kind, at) == (kind in wanted)
            wanted -= {kind}
        elif step == "lose":
            switch.lost += 1
        elif step == "work":
            network.sweep(at)
        else:
            switch.down = step == "down"
    assert standing(line) == wanted
    switch.down = False
    for minutes in range(1, 40):
        network.sweep(at + minutes * 5 * MINUTE)
    assert switch.on.get(line.number, set()) == bars_rules.features(wanted)
    assert len({command.id for command in switch.did}) == len(switch.did), "each is done once"
    row = models.Line.objects.get(id=line.id)
    assert (row.blocked_at is not None) == bool(wanted & bars_rules.SILENT)
    assert not list(reconciling.reconcile(mend=True, at=at + 10 * HOUR, line_ids=[line.id]))


def test_cab_13_a_bar_that_the_network_forgot_or_kept_is_put_right_at_night(switch: Switch) -> None:
    line = lines.line()
    impose(line, Kind.VOLUNTARY)
    impose(line, Kind.UNPAID)
    network.sweep(AT)
    switch.on[line.number] = {"bar-all", "bar-paid", "of-the-network"}
    [found] = reconciling.reconcile(mend=True, at=AT + HOUR)
    assert (found.missing, found.extra) == (("bar-outgoing",), ("bar-paid",))
    network.sweep(AT + HOUR)
    assert switch.on[line.number] == {"bar-all", "bar-outgoing", "of-the-network"}
    lift(line, Kind.UNPAID, AT + 2 * HOUR)
    lift(line, Kind.VOLUNTARY, AT + 2 * HOUR)
    network.sweep(AT + 2 * HOUR)
    assert switch.on[line.number] == {"of-the-network"}


def test_cab_13_without_a_network_it_is_written_down_and_told_when_there_is_one(settings: Any) -> None:
    settings.NETWORK = ""
    line = lines.line()
    assert impose(line, Kind.LOST)
    assert not models.ProvisioningCommand.objects.exists()
    switch = network.open_network(settings)
    assert [one.missing for one in reconciling.reconcile(mend=True, at=AT + HOUR)] == [("bar-all",)]
    network.sweep(AT + HOUR)
    assert switch.on[line.number] == {"bar-all"}


def test_cab_13_one_bar_of_a_kind_stands_and_a_closed_line_has_none(switch: Switch) -> None:
    line = lines.line()
    impose(line, Kind.LOST)
    row = models.Bar.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Bar.objects.create(line_id=line.id, kind="lost", since=AT, by="test")
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Bar.objects.filter(id=row.pk).update(until=AT - MINUTE)
    bars.end_all(line_id=line.id, at=AT + MINUTE)
    models.Line.objects.filter(id=line.id).update(closed_at=AT + MINUTE)
    assert not standing(line)
    assert not impose(line, Kind.UNPAID)
    assert not bars.follow(line_id=line.id, kind=Kind.UNPAID, stands=lambda: True, by="test", at=AT)


def test_cab_13_a_lost_phone_gets_no_code_and_those_on_the_way_die() -> None:
    """The owner is told everywhere but there, once, and the number proves something again when it is found."""
    line = lines.line()
    account = actions.open_line(line_id=line.id, language="ru", at=AT)
    identity_models.Account.objects.filter(id=account).update(email="a@example.com", email_confirmed_at=AT)
    challenge = identity_models.Challenge.objects.get(id=identity.challenge(line.number, subject=line.id))
    assert bars.report_lost(line_id=line.id, by="self", at=AT)
    assert not bars.report_lost(line_id=line.id, by="self", at=AT + MINUTE)
    challenge.refresh_from_db()
    assert challenge.expires_at <= AT
    assert queries.reached_by(line.number) is None
    assert queries.contact_of(line.id).number == ""
    assert [event.kind for event in identity_models.SecurityEvent.objects.all()] == ["number blocked"]
    assert bars.found_again(line_id=line.id, by="self", at=AT + HOUR)
    assert not bars.found_again(line_id=line.id, by="self", at=AT + HOUR)
    assert getattr(queries.reached_by(line.number), "line_id", None) == line.id
