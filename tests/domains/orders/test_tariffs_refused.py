"""A change of the tariff that cannot be: each reason with what is in the way, and nothing changed (CAB-10, CAB-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from abonent.domains.billing.actions import charge_fees
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.customers import models as customers
from abonent.domains.identity.freezing import Frozen
from abonent.domains.identity.models import Account
from abonent.domains.lines import models as lines_models
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.actions import Refused
from abonent.domains.orders.rules import Refusal, Why
from abonent.domains.orders.tariffs import actions as tariffs
from tests.factories import identity, limits
from tests.factories import orders as make
from tests.factories import tariffs as make_tariffs
from tests.factories.fees import WHOLE_MONTH, top_up
from tests.factories.orders import AT, sums
from tests.factories.tariffs import fees_of, own, place, served, tariff, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switch")]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# The 1st of April begins no period, the 10th does; midnight in Moscow.
NEXT_PERIOD = datetime(2026, 4, 9, 21, tzinfo=UTC)
SOME_DAY = datetime(2026, 3, 31, 21, tzinfo=UTC)


def refused(line: Line, version_id: int, effective_at: datetime | None = None, **known: object) -> Refusal:
    """Try to order; return why not, when nothing was written and nothing held."""
    before, orders = sums(line), models.Order.objects.count()
    with pytest.raises(Refused) as told:
        tariffs.place(wish=replace(wish(line, version_id, effective_at), **known), at=AT)
    assert (sums(line), models.Order.objects.count()) == (before, orders)
    return told.value.refusal


@pytest.mark.parametrize(
    ("balance", "when", "missing"),
    [
        # Half of the old fee comes back, and the dearer one falls due tomorrow.
        (31_000 + 5_000 + 30_000, None, 0), (31_000 + 5_000 + 29_999, None, 1), (31_000, None, 35_000),
        (31_000 + 5_000, NEXT_PERIOD, 0), (31_000 + 4_999, NEXT_PERIOD, 1), (20_000, NEXT_PERIOD, 16_000),
    ],
)  # fmt: skip
def test_cab_2_without_the_money_it_is_refused_with_the_sum_that_is_missing(
    balance: int, when: datetime | None, missing: int
) -> None:
    line = served(tariff("old", 31_000), balance)
    new = tariff("new", 62_000, price_minor=5_000)
    if missing:
        assert refused(line, new, when) == Refusal(Why.SHORT, missing_minor=missing)
        top_up(line.contract_id, missing, AT)
    place(line, new, when)
    assert models.Order.objects.count() == 1


def test_cab_2_who_owes_pays_that_first_and_who_pays_by_bill_needs_no_balance() -> None:
    line = served(tariff("old", 31_000), 30_000)
    new = tariff("new", 10_000)
    assert refused(line, new, NEXT_PERIOD) == Refusal(Why.SHORT, missing_minor=1_000)
    customers.Contract.objects.filter(pk=line.contract_id).update(payment="postpaid")
    line = lines.served_by_id(line.id) or line
    place(line, new)
    make.work()
    assert own(line) == "new"


def test_cab_10_each_obstacle_is_named_and_changes_nothing(settings: object) -> None:
    line = served(tariff("old", 31_000))
    new = tariff("new", 62_000)
    today = AT.date()
    assert refused(line, tariff("old", 31_000)).why is Why.HAS_ALREADY
    assert refused(line, tariff("personal", 10_000, personal=True)).why is Why.NOT_SOLD
    catalog_actions.present(tariff_code="new", about={"ru": "", "en": ""}, sold_until=today + 10 * DAY)
    assert refused(line, new, NEXT_PERIOD).why is Why.NOT_SOLD
    catalog_actions.present(tariff_code="new", about={"ru": "", "en": ""}, sold_until=today)
    assert refused(line, new).why is Why.NOT_SOLD
    catalog_actions.present(tariff_code="new", about={"ru": "", "en": ""})
    for day in (AT + DAY, SOME_DAY + 60 * DAY + MINUTE, SOME_DAY + 90 * DAY, SOME_DAY - 30 * DAY):
        assert refused(line, new, effective_at=day).why is Why.DAY
    home = make_tariffs.catalog.tariff_version(new)
    home_id = catalog_actions.publish(replace(home, tariff_code="home", service="internet", category="fixed"))
    assert refused(line, home_id).why is Why.NOT_FOR_LINE
    lines_models.Line.objects.filter(id=line.id).update(blocked_at=AT, block_reason="lost")
    assert refused(line, new).why is Why.BLOCKED
    lines_models.Line.objects.filter(id=line.id).update(blocked_at=None)
    place(line, new, NEXT_PERIOD)
    for when in (None, SOME_DAY):
        assert refused(line, new, when).why is Why.ON_THE_WAY
    assert lines.assignments([line.id])[-1].tariff_version_id == line.tariff_version_id


def test_cab_10_a_personal_tariff_is_left_only_with_staff_and_a_month_paid_whole_with_its_end() -> None:
    new = tariff("new", 62_000)
    assert refused(served(tariff("mine", 10_000, personal=True)), new).why is Why.PERSONAL
    line = served(tariff("whole", 31_000, WHOLE_MONTH))
    assert refused(line, new).why is Why.PAID_WHOLE
    assert refused(line, new, SOME_DAY).why is Why.PAID_WHOLE
    place(line, tariff("cheap", 10_000))
    make.work()
    charge_fees(until=NEXT_PERIOD)
    assert [row[:2] for row in fees_of(line)] == [("whole", 31_000), ("cheap", 10_000)]


def test_cab_19_the_price_of_a_change_has_to_fit_into_the_spending_limit_and_the_fee_does_not() -> None:
    line = limits.limited(served(tariff("old", 0)), 4_000, block=True, at=AT)
    told = refused(line, tariff("dear", 62_000, price_minor=5_000))
    assert (told.why, told.left_minor) == (Why.LIMIT, 4_000)
    place(line, tariff("new", 62_000))


def test_id_a_protected_account_changes_nothing() -> None:
    line = served(tariff("old", 31_000))
    identity.browser(line)
    account_id = lines.accounts_of_line(line.id)[0]
    Account.objects.filter(id=account_id).update(frozen_at=AT)
    with pytest.raises(Frozen):
        tariffs.place(wish=replace(wish(line, tariff("new", 62_000)), account_id=account_id), at=AT)
    assert not models.Order.objects.exists()
