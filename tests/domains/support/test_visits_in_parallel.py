"""The last place in a window, wanted by many at once (FIX-2): on PostgreSQL, with real threads."""

from __future__ import annotations

import pytest
from django.db import close_old_connections

from abonent.domains.support import models
from abonent.domains.support.visits import actions as visits
from tests.domains.identity.test_guards import at_once
from tests.factories import fixed, requests, support
from tests.factories.fixed import AT, FIRST, SECOND

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def test_fix_2_two_people_never_get_the_last_place() -> None:
    customers = [support.customer() for _ in range(5)]
    for line in customers:
        fixed.place(line)
    wishes = [fixed.wish(line) for line in customers]
    got = at_once(lambda number: visits.book(wish=wishes[number], at=AT), len(wishes))
    assert sum(isinstance(one, int) for one in got) == 1, got
    assert sum(isinstance(one, visits.Refused) for one in got) == 4, got
    assert (models.VisitBooking.objects.count(), models.Visit.objects.count(), models.Request.objects.count()) == (
        1,
        1,
        1,
    )


def test_fix_2_moving_and_calling_off_at_once_ends_in_one_place_or_none() -> None:
    line = support.customer()
    fixed.place(line)
    visit_id, account = fixed.booked(line), requests.account_of(line)

    def act(number: int) -> None:
        if number % 2:
            visits.move(account_id=account, visit_id=visit_id, starts_at=SECOND, at=AT)
        else:
            visits.cancel(account_id=account, visit_id=visit_id, at=AT)

    said = at_once(act, 6)
    assert {type(one) for one in said} <= {type(None), visits.Refused}, said
    assert models.Visit.objects.get().state == "cancelled"
    assert not models.VisitBooking.objects.filter(starts_at__in=(FIRST, SECOND)).exists()
