"""A technician comes (FIX-2): booked with a request, moved, called off, reminded of, done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from abonent.domains.lines.equipment import actions as equipment
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.support import models
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.requests.states import Event, NotNow
from abonent.domains.support.requests.states import State as Request
from abonent.domains.support.rules import NotThere
from abonent.domains.support.visits import actions as visits
from abonent.domains.support.visits import calendar as visits_calendar
from abonent.domains.support.visits import queries as visits_queries
from abonent.domains.support.visits import staff as visits_staff
from abonent.domains.support.visits.rules import State, Why
from tests.factories import fixed, support
from tests.factories import requests as make
from tests.factories.fixed import AT, FIRST, SECOND

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    found = support.customer()
    fixed.place(found)
    return found


def told() -> list[str]:
    rows = Message.objects.filter(template="visit")
    return sorted(str(row.params["what"]) for row in rows)


def why(act: object) -> Why:
    with pytest.raises(visits.Refused) as refused:
        act()  # type: ignore[operator] # a call that is refused
    return refused.value.why


def test_fix_2_a_visit_is_booked_with_its_request_and_one_form_is_one_visit(line: Line) -> None:
    wish = fixed.wish(line)
    visit_id = visits.book(wish=wish, at=AT)
    assert visits.book(wish=wish, at=AT) == visit_id
    found = visits_queries.visit(visit_id, make.account_of(line))
    assert (found.state, found.starts_at, found.district) == (State.PLANNED, FIRST, fixed.DISTRICT)
    assert found.changed_until == FIRST - timedelta(hours=3)
    assert requests_queries.request(found.request_id, make.account_of(line)).is_open
    assert told() == ["booked"]
    assert not Message.objects.filter(template="request").exists(), "one message says both"
    assert FIRST not in [slot.starts_at for slot in visits_queries.offer(line.id, AT).slots]


def test_fix_2_it_is_refused_and_nothing_is_written_down(line: Line) -> None:
    assert why(lambda: fixed.booked(line, FIRST + timedelta(minutes=1))) is Why.GONE
    assert why(lambda: fixed.booked(line, FIRST - timedelta(days=1))) is Why.GONE
    stranger = fixed.line("net-000009", of=line)
    wish = fixed.wish(line)
    assert why(lambda: visits.book(wish=replace(wish, request=replace(wish.request, line_id=stranger.id)), at=AT)) is (
        Why.NO_ADDRESS
    )
    assert not models.Request.objects.exists()
    assert not models.VisitBooking.objects.exists()
    fixed.booked(line)
    assert why(lambda: fixed.booked(line, SECOND)) is Why.ALREADY
    assert (models.Visit.objects.count(), models.VisitBooking.objects.count(), models.Request.objects.count()) == (
        1,
        1,
        1,
    )


def test_fix_2_it_is_moved_and_called_off_until_the_limit(line: Line) -> None:
    account, visit_id = make.account_of(line), fixed.booked(line)
    visits.move(account_id=account, visit_id=visit_id, starts_at=SECOND, at=AT)
    visits.move(account_id=account, visit_id=visit_id, starts_at=SECOND, at=AT)
    assert models.VisitBooking.objects.get().starts_at == SECOND, "the first place is free again"
    late = SECOND - timedelta(hours=2)
    assert why(lambda: visits.cancel(account_id=account, visit_id=visit_id, at=late)) is Why.TOO_LATE
    assert why(lambda: visits.move(account_id=account, visit_id=visit_id, starts_at=FIRST, at=late)) is Why.TOO_LATE
    assert models.Visit.objects.get().state == State.PLANNED
    visits.cancel(account_id=account, visit_id=visit_id, at=AT)
    visits.cancel(account_id=account, visit_id=visit_id, at=AT)
    assert not models.VisitBooking.objects.exists()
    assert models.Request.objects.get().state == Request.CANCELLED
    assert told() == ["booked", "cancelled", "moved"]
    fixed.booked(line)


def test_fix_2_the_request_is_not_called_off_behind_the_technicians_back(line: Line) -> None:
    fixed.booked(line)
    request = models.Request.objects.get()
    with pytest.raises(NotNow):
        requests.end(account_id=request.account_id, request_id=request.pk, event=Event.CALLED_OFF, at=AT)
    request.refresh_from_db()
    assert request.state == Request.ACKNOWLEDGED


def test_fix_2_anothers_visit_is_not_there(line: Line) -> None:
    visit_id = fixed.booked(line)
    for act in (
        lambda: visits.cancel(account_id=0, visit_id=visit_id, at=AT),
        lambda: visits.move(account_id=0, visit_id=visit_id, starts_at=SECOND, at=AT),
        lambda: visits_queries.visit(visit_id, 0),
    ):
        with pytest.raises(NotThere):
            act()
    assert models.Visit.objects.get().state == State.PLANNED


def test_fix_2_the_day_before_it_is_told_once(line: Line) -> None:
    fixed.booked(line)
    assert visits.remind_due(at=FIRST - timedelta(hours=25)) == 0
    assert visits.remind_due(at=FIRST - timedelta(hours=20)) == 1
    assert visits.remind_due(at=FIRST - timedelta(hours=19)) == 0
    assert told() == ["booked", "soon"]


def test_fix_2_a_reminder_that_fails_holds_up_no_other(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    other = support.customer()
    fixed.place(other)
    ids = [fixed.booked(line), fixed.booked(other, SECOND)]
    tell = visits.tell

    def fail(row: models.Visit, what: str) -> None:
        if row.pk == ids[0]:
            raise ValueError
        tell(row, what)

    monkeypatch.setattr(visits, "tell", fail)
    with pytest.raises(ExceptionGroup):
        visits.remind_due(at=FIRST - timedelta(hours=20))
    assert [one.pk for one in models.Visit.objects.exclude(reminded_at=None)] == ids[1:]


def test_fix_2_staff_set_out_and_end_it_and_the_request_is_answered(line: Line) -> None:
    visit_id, agent, key = fixed.booked(line), support.agent(), uuid4()
    with pytest.raises(visits_staff.NotNow):
        visits_staff.end(agent=agent, visit_id=visit_id, done=True, key=key, text="Заменили кабель", origin="", at=AT)
    visits_staff.set_out(agent=agent, visit_id=visit_id, origin="", at=AT)
    visits_staff.set_out(agent=agent, visit_id=visit_id, origin="", at=AT)
    for _ in range(2):
        visits_staff.end(agent=agent, visit_id=visit_id, done=True, key=key, text="Заменили кабель", origin="", at=AT)
    assert models.Visit.objects.get().state == State.DONE
    assert models.Request.objects.get().state == Request.RESOLVED
    assert told() == ["booked", "on the way"]


def test_fix_2_a_place_that_nobody_holds_is_given_back(line: Line) -> None:
    fixed.booked(line)
    assert visits_calendar.forget_lost() == 0
    models.Request.objects.all().delete()
    assert visits_calendar.forget_lost() == 1


def test_fix_2_a_district_without_terms_offers_nothing(line: Line) -> None:
    equipment.place(line_id=line.id, district="Окраина", address="ул. Дальняя, 1")
    assert visits_queries.offer(line.id, AT).slots == []
    assert why(lambda: fixed.booked(line)) is Why.GONE
    with pytest.raises(ValueError, match="other terms"):
        visits_calendar.publish(
            district=fixed.DISTRICT,
            valid_from=AT.date().replace(month=1, day=1),
            terms=replace(fixed.SERVED, capacity=5),
        )
