"""The last place in a family, an invitation twice, leaving while records are rated: with threads (CAB-16)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import close_old_connections

from abonent.domains.billing import actions, models
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.rules import Refusal
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.domains.billing.test_families import having
from tests.domains.identity.test_guards import at_once
from tests.factories import billing, lines
from tests.factories.billing import Use

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def ask(owner: Line, line: Line, hours_ago: int = 0) -> UUID:
    at = now() - timedelta(hours=hours_ago)
    return families.ask(form_id=uuid4(), line=owner, number=Msisdn(line.number), name="", at=at).id


def answered(act: object) -> object:
    try:
        return act()  # type: ignore[operator]
    except Refused as refused:
        return refused.refusal


def test_cab_16_of_two_families_that_one_line_agrees_to_at_once_it_is_in_one() -> None:
    first, second, son = having(), having(), lines.line()
    asked = [ask(first, son), ask(second, son)]
    at = now()

    def agree(number: int) -> object:
        return answered(lambda: families.agree(invitation_id=asked[number % 2], line=son, at=at))

    answers = at_once(agree, 6)
    assert models.FamilyMember.objects.filter(line_id=son.id, until=None).count() == 1
    assert {one for one in answers if one != at} == {Refusal.IN_A_FAMILY}


def test_cab_16_the_last_place_is_given_once_and_one_form_asks_once() -> None:
    """Two places: one is taken, one invitation waits for each other number that two tabs ask at once."""
    owner, first, second, third = having(members_most=2), lines.line(), lines.line(), lines.line()
    families.agree(invitation_id=ask(owner, first), line=first, at=now())
    form = uuid4()

    def press(number: int) -> object:
        wanted = (second, third)[number % 2]
        return answered(
            lambda: families.ask(form_id=form, line=owner, number=Msisdn(wanted.number), name="", at=now()).number
        )

    answers = at_once(press, 6)
    assert models.FamilyInvitation.objects.filter(state="waiting").count() == 1
    assert Refusal.FULL in answers


def test_cab_16_leaving_while_two_members_are_rated_leaves_what_the_records_say() -> None:
    """Two imports and one who leaves at once; afterwards all is as if the records had come in their order."""
    owner, son, aunt = having(common_first=True), lines.line(), lines.line()
    began = now() - timedelta(hours=5)
    for line in (son, aunt):
        families.agree(invitation_id=ask(owner, line, hours_ago=5), line=line, at=began)
    member = models.FamilyMember.objects.get(line_id=son.id).id
    left = now() - timedelta(hours=2)

    def work(number: int) -> object:
        if number == 4:
            return families.end(member_id=member, line_ids=[son.id], at=left)
        line = (son, aunt)[number % 2]
        billing.store(
            [Use(line.number, began + timedelta(minutes=1 + 7 * number + n), duration_s=120) for n in range(3)]
        )
        return actions.rerate_late()

    at_once(work, 5)
    billing.use(Use(son.number, left + timedelta(minutes=1), duration_s=240))
    used = dict(models.FamilyTaken.objects.filter(used__gt=0).values_list("member_id", "used"))
    assert sum(used.values()) == 600, "the common ten minutes are used up, by whom says the order of time"
    # In time: the son 360 s, the aunt 240 of them, the rest of hers and his four minutes are their own.
    assert used[member] == 360
    assert models.Charge.objects.count() == 0
    assert not models.Rerating.objects.exists()
    assert ledger.disagreements() == []
