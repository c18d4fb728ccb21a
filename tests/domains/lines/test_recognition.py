"""Entry by a line that the operator's own network recognised."""

from __future__ import annotations

from datetime import timedelta

import pytest

from abonent.domains.identity.models import Account
from abonent.domains.identity.recognition_rules import Fault, NotRecognised, Seen
from abonent.domains.lines import models, queries, recognition
from abonent.foundation.clock import now
from tests.factories import lines

pytestmark = pytest.mark.django_db


def enter(seen: Seen) -> int | Fault:
    try:
        return recognition.enter(seen=seen, language="ru", at=now()).account_id
    except NotRecognised as error:
        return error.fault


def test_id_13_the_first_entry_makes_the_account_and_the_next_opens_it() -> None:
    line = lines.line(number="+79000000001")
    first = enter(Seen("mobile", line.number))
    assert queries.account_of(line.id) == first
    assert enter(Seen("mobile", line.number)) == first
    assert Account.objects.count() == 1


def test_id_13_a_home_line_opens_what_is_its_own() -> None:
    line = lines.line(number="net-1", service="internet", is_main=False)
    account_id = enter(Seen("internet", "net-1"))
    assert isinstance(account_id, int)
    assert [one.id for one in queries.of_account(account_id)] == [line.id]


@pytest.mark.parametrize(
    "seen",
    [Seen("mobile", "+79000000002"), Seen("internet", "+79000000001"), Seen("mobile", "net-1"), Seen("tv", "net-1")],
)
def test_id_13_what_is_not_served_opens_nothing(seen: Seen) -> None:
    lines.line(number="+79000000001")
    lines.line(number="net-1", service="internet")
    assert enter(seen) is Fault.UNKNOWN
    assert Account.objects.count() == 0


def test_id_18_a_number_given_to_another_opens_another_cabinet() -> None:
    old = lines.line(number="+79000000001")
    before = enter(Seen("mobile", old.number))
    models.Line.objects.filter(id=old.id).update(closed_at=now())
    assert enter(Seen("mobile", old.number)) is Fault.UNKNOWN
    lines.line(number="+79000000001")
    assert enter(Seen("mobile", "+79000000001")) != before


def test_a_blocked_line_opens_nothing() -> None:
    line = lines.line(number="+79000000001")
    models.Line.objects.filter(id=line.id).update(blocked_at=now(), block_reason="lost")
    assert enter(Seen("mobile", line.number)) is Fault.UNKNOWN


def test_id_18_a_sim_replaced_lately_does_not_open_the_cabinet_of_before() -> None:
    line = lines.line(number="+79000000001")
    account_id = enter(Seen("mobile", line.number))
    start = now() - timedelta(hours=2)
    models.Sim.objects.create(line_id=line.id, imsi="250010000000001", since=start - timedelta(days=9), until=start)
    models.Sim.objects.create(line_id=line.id, imsi="250010000000002", since=start)
    assert enter(Seen("mobile", line.number)) is Fault.HELD
    models.Sim.objects.filter(until=None).update(since=now() - timedelta(hours=25))
    assert enter(Seen("mobile", line.number)) == account_id
