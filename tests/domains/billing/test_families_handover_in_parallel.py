"""Another payer while a member leaves, pays something else, or usage comes: with threads (CAB-16)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import close_old_connections

from abonent.domains.billing import actions, models, queries
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import handover as families_handover
from abonent.domains.billing.fees import actions as fees
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.products import queries as products_queries
from tests.domains.billing import test_families_handover as plain
from tests.domains.billing.test_families_handover import AT, HOUR, NEXT, family, member_id, rich
from tests.domains.identity.test_guards import at_once
from tests.factories import billing, promised
from tests.factories.billing import Use

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def assert_one_pays(*candidates: object) -> int:
    """Assert that there is one owner with the service, and that money and records agree; return its line."""
    owner = plain.owner_of_all()
    assert [one.id for one in candidates if products_queries.of_line(one.id)] == [owner]  # type: ignore[attr-defined]
    assert not models.Rerating.objects.exists()
    assert ledger.disagreements() == []
    return owner


def test_cab_16_a_member_that_leaves_while_it_becomes_the_payer_is_one_of_both() -> None:
    son, aunt = rich(), rich()
    owner = family(son, aunt, common_first=True)
    handover_id = plain.agreed(owner, son)
    place = member_id(son)
    later = NEXT + HOUR

    def work(number: int) -> object:
        if number % 3 == 0:
            return families_handover.carry_out(now=later)
        if number % 3 == 1:
            return families.end(member_id=place, line_ids=[son.id], at=later)
        billing.store([Use(aunt.number, NEXT + timedelta(minutes=7 * number + n), duration_s=120) for n in range(3)])
        return actions.rerate_late()

    at_once(work, 6)
    actions.rerate_late()
    paying = assert_one_pays(owner, son)
    state, _ = plain.state(handover_id)
    assert (state == "done") == (paying == son.id)
    assert state in ("done", "withdrawn")
    # Twelve minutes of the aunt's, of which the package of whoever pays covers ten.
    taken = models.FamilyTaken.objects.filter(used__gt=0).values_list("used", flat=True)
    assert list(taken) == [600]


def test_cab_16_the_fee_is_charged_once_when_a_run_and_the_handover_come_at_the_same_moment() -> None:
    son = rich()
    owner = family(son)
    plain.agreed(owner, son)

    def work(number: int) -> object:
        if number % 2:
            return fees.charge_fees(until=NEXT + HOUR)
        return families_handover.carry_out(now=NEXT + HOUR)

    at_once(work, 6)
    fees.charge_fees(until=NEXT + HOUR)
    assert assert_one_pays(owner, son) == son.id
    assert [amount for _, amount in plain.service_charges(son)] == [10_000]
    # Whatever came first: of the new month the old payer is charged nothing in the end.
    assert sum(amount for _, amount in plain.service_charges(owner)) == 10_000 - 10_000 // 31


def test_cab_16_money_that_goes_elsewhere_at_the_same_moment_leaves_one_payer_and_no_debt() -> None:
    son = rich()
    owner = family(son)
    handover_id = plain.agreed(owner, son)
    fees.charge_fees(until=NEXT + timedelta(minutes=1))
    promised.spend(son, queries.balance(son.contract_id) - 10_000)

    def work(number: int) -> object:
        if number % 2:
            return families_handover.carry_out(now=NEXT + HOUR)
        return promised.spend(son, 1) if number == 0 else None

    at_once(work, 4)
    paying = assert_one_pays(owner, son)
    state, why = plain.state(handover_id)
    assert (state, why, paying) in (("done", "", son.id), ("failed", "poor", owner.id))
    assert models.FamilyHandover.objects.exclude(answered_at__gte=AT).count() == 0
