"""Fees: each started period of each line, once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from abonent.domains.billing import actions, queries
from abonent.domains.billing.fees import actions as fees
from abonent.domains.billing.statement.explanation import explanation
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as lines_models
from tests.factories import billing, catalog, customers, lines
from tests.factories.billing import march

pytestmark = pytest.mark.django_db


def charged() -> list[tuple[object, ...]]:
    return billing.rows("select line_id, booked_at, amount_minor from billing_charge order by line_id, booked_at")


def test_ops_4_the_first_fee_is_due_at_the_opening_and_the_next_when_a_period_starts() -> None:
    line = lines.line(opened_at=datetime(2026, 1, 15, 9, tzinfo=UTC), period_day=10)
    assert actions.charge_fees(until=march(9, 20, 59)) == 2
    assert charged() == [
        (line.id, datetime(2026, 1, 15, 9, tzinfo=UTC), 30_000),
        (line.id, datetime(2026, 2, 9, 21, tzinfo=UTC), 30_000),
    ]
    assert actions.charge_fees(until=march(9, 21)) == 1
    assert queries.balance(line.contract_id) == -90_000
    assert ledger.disagreements() == []


def test_ops_4_a_fee_is_charged_once_however_often_it_is_asked_for() -> None:
    line = lines.line()
    assert [actions.charge_fees(until=march(20)) for _ in range(3)] == [3, 0, 0]
    assert actions.charge_fees(until=march(1)) == 0
    assert queries.balance(line.contract_id) == -90_000


def test_fees_go_on_where_a_process_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fees, "LINES_AT_ONCE", 2)
    opened = [lines.line() for _ in range(5)]
    actions.charge_fees(until=march(1))
    # What a process that died left undone: one line's last fee was never charged.
    billing_of = "update billing_feescharged set month = month - 1 where line_id = %s returning month"
    assert billing.rows(billing_of, [opened[3].id])
    transfers = billing.rows("delete from billing_charge where line_id = %s and booked_at > '2026-02-01' returning id",
                             [opened[3].id])  # fmt: skip
    assert len(transfers) == 1
    assert actions.charge_fees(until=march(1)) == 1
    assert len(charged()) == 10
    # Its money had moved already: the same transfer again moves nothing.
    assert queries.balance(opened[3].contract_id) == -60_000


def test_a_line_not_opened_yet_or_closed_pays_no_fee() -> None:
    lines.line(opened_at=march(20))
    closed = lines.line()
    lines_models.Line.objects.filter(pk=closed.id).update(closed_at=datetime(2026, 2, 9, 21, tzinfo=UTC))
    assert actions.charge_fees(until=march(19)) == 1
    assert charged() == [(closed.id, lines.OPENED, 30_000)]


def test_the_fee_is_that_of_the_version_in_force_when_its_period_starts() -> None:
    line = lines.line()
    lines.change_tariff(line, march(1), catalog.large())
    actions.charge_fees(until=march(20))
    assert [amount for _, _, amount in charged()] == [30_000, 30_000, 90_000]


def test_a_period_without_a_tariff_has_no_fee() -> None:
    line = lines.line()
    lines.without_tariff(line, [(march(1), march(31))])
    assert actions.charge_fees(until=march(20)) == 1


def test_ops_4_a_fee_can_be_explained() -> None:
    line = lines.line()
    actions.charge_fees(until=lines.OPENED)
    [(charge_id,)] = billing.rows("select id from billing_charge")
    why = explanation(charge_id=charge_id, line_ids=[line.id])
    assert (why.at, why.kind, why.record_id, why.rule) == (lines.OPENED, "fee", "", "fee")
    assert (why.amount_minor, why.price_minor, why.billed_units) == (30_000, 30_000, 1)


def test_lines_of_one_contract_pay_a_fee_each() -> None:
    contract_id = customers.contract()
    lines.line(contract_id=contract_id)
    lines.line(contract_id=contract_id)
    actions.charge_fees(until=lines.OPENED)
    assert queries.balance(contract_id) == -60_000
