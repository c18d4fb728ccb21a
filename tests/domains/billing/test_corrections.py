"""Corrections (OPS-3): what an account allows, money once under one id, and the reason wherever the sum is seen."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as configured
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.billing import models, queries
from abonent.domains.billing.corrections import actions as corrections
from abonent.domains.billing.corrections.actions import Wish
from abonent.domains.billing.corrections.rules import AMOUNT_MAX_MINOR, REASONS, Facts, Kind, Refusal, Refused, check
from abonent.domains.billing.statement import reading as statement
from abonent.domains.billing.statement.explanation import explanation
from abonent.domains.billing.statement.rules import Filters
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from abonent.foundation.values import Period
from tests.factories import bills
from tests.factories import corrections as make

SUMS = st.integers(-10, AMOUNT_MAX_MINOR + 10)


@given(
    kind=st.sampled_from(Kind), amount=SUMS, available=st.integers(-(10**9), 10**9), prepaid=st.booleans(),
    left=st.none() | st.integers(-100, 10**8), refundable=st.integers(0, 10**8), under_way=st.booleans(),
)  # fmt: skip
@settings(max_examples=300)
def test_ops_3_what_passes_never_exceeds_what_it_is_taken_from(
    kind: Kind, amount: int, available: int, prepaid: bool, left: int | None, refundable: int, under_way: bool
) -> None:
    facts = Facts(available, prepaid, left, refundable, under_way)
    refused = why_not(kind, amount, facts)
    if refused is not None:
        if refused.most_minor and refused.refusal is not Refusal.BAD_SUM:
            # What the refusal offers instead is less, and is not refused for the same reason.
            assert 0 < refused.most_minor < amount
            again = why_not(kind, refused.most_minor, facts)
            assert again is None or again.refusal is not refused.refusal
        return
    assert 0 < amount <= AMOUNT_MAX_MINOR
    if kind is Kind.CREDIT and left is not None:
        assert amount <= left
    if kind is Kind.REFUND:
        assert amount <= min(refundable, available)
        assert not under_way
    if kind is Kind.DEBIT and prepaid:
        assert amount <= available


def why_not(kind: Kind, amount_minor: int, facts: Facts) -> Refused | None:
    try:
        check(kind, amount_minor, facts)
    except Refused as refused:
        return refused
    return None


def wish(line: Line, kind: Kind = Kind.CREDIT, amount_minor: int = 10_000, **more: object) -> Wish:
    reason = str(more.pop("reason", REASONS[kind][0]))
    return Wish(uuid4(), line.contract_id, line.id, kind, amount_minor, reason, **more)  # type: ignore[arg-type] # as the caller gives it


def refused(one: Wish) -> tuple[Refusal, int | None]:
    """Return why it is not done; nothing may have changed."""
    before = (models.Correction.objects.count(), models.Charge.objects.count(), Message.objects.count())
    with pytest.raises(Refused) as caught:
        corrections.post(wish=one, at=now())
    assert (models.Correction.objects.count(), models.Charge.objects.count(), Message.objects.count()) == before
    return caught.value.refusal, caught.value.most_minor


@pytest.mark.django_db
def test_ops_3_a_credit_moves_once_and_is_told_with_its_reason() -> None:
    line = make.customer(20_000)
    one = wish(line, reason="service failed")
    assert corrections.post(wish=one, at=now())
    assert not corrections.post(wish=one, at=now())
    assert make.moved(line) == (30_000, 10_000, 1, 1)
    [told] = Message.objects.filter(template="corrected")
    assert (told.recipient, told.params["reason"], told.params["balance"]) == (line.number, "service failed", "30000")
    assert ledger.disagreements() == []


@pytest.mark.django_db
def test_ops_3_a_debit_takes_only_what_is_there_unless_a_bill_is_paid_afterwards() -> None:
    line = make.customer(5_000)
    assert refused(wish(line, Kind.DEBIT, 5_001)) == (Refusal.SPENT, 5_000)
    assert corrections.post(wish=wish(line, Kind.DEBIT, 5_000), at=now())
    assert refused(wish(line, Kind.DEBIT, 1)) == (Refusal.SPENT, 0)
    assert queries.balance(line.contract_id) == 0
    by_bill = bills.line()
    assert corrections.post(wish=wish(by_bill, Kind.DEBIT, 5_000), at=now())
    assert queries.balance(by_bill.contract_id) == -5_000


@pytest.mark.django_db
def test_ops_3_of_a_charge_no_more_comes_back_than_it_cost_and_of_anothers_nothing() -> None:
    line, other = make.customer(), make.customer()
    charge_id, anothers = make.charge(line, 15_000), make.charge(other)
    assert refused(wish(line, charge_id=anothers)) == (Refusal.NOT_THERE, None)
    assert refused(wish(line, charge_id=uuid4())) == (Refusal.NOT_THERE, None)
    first = wish(line, amount_minor=10_000, charge_id=charge_id)
    corrections.post(wish=first, at=now())
    assert refused(wish(line, amount_minor=5_001, charge_id=charge_id)) == (Refusal.ABOVE_CHARGE, 5_000)
    corrections.post(wish=wish(line, amount_minor=5_000, charge_id=charge_id), at=now())
    assert refused(wish(line, amount_minor=1, charge_id=charge_id)) == (Refusal.ABOVE_CHARGE, 0)
    # A correction is put right by another, not by taking a part of it back.
    assert refused(wish(line, amount_minor=1, charge_id=first.correction_id)) == (Refusal.NOT_THERE, None)


@pytest.mark.django_db
def test_ops_3_what_was_sent_to_another_subscriber_is_no_charge_that_staff_give_back() -> None:
    line = make.customer()
    assert refused(wish(line, charge_id=make.charge(line, 30_000, "transfer"))) == (Refusal.NOT_THERE, None)


@pytest.mark.django_db
def test_ops_3_expenses_statement_and_explanation_show_it_with_its_reason() -> None:
    line = make.customer()
    charge_id = make.charge(line, 15_000)
    one = wish(line, amount_minor=4_000, charge_id=charge_id, reason="not ordered")
    corrections.post(wish=one, at=now())
    zone = ZoneInfo(configured.TIME_ZONE)
    today = now().astimezone(zone).date()
    spent = queries.expenses(line.id, Period.of_days(today, today, zone))
    assert {item.category: item.amount_minor for item in spent.items} == {"fee": 15_000, "correction": -4_000}
    page = statement.page(line=line, filters=Filters(today, today, frozenset({"fees"})), zone=zone)
    [entry] = [entry for entry in page.statement.entries if entry.kind == "correction"]
    assert (entry.direction, entry.detail, entry.amount_minor) == ("in", "not ordered", 4_000)
    assert page.statement.totals.charged_minor == sum(-entry.amount_minor for entry in page.statement.entries)
    why = explanation(charge_id=one.correction_id, line_ids=[line.id])
    assert why.correction
    assert (why.correction.reason, why.correction.charge_id, why.tariff) == ("not ordered", charge_id, {})
    [back] = explanation(charge_id=charge_id, line_ids=[line.id]).given_back
    assert (back.id, back.amount_minor) == (one.correction_id, 4_000)


@pytest.mark.django_db
def test_ops_3_a_bill_has_it_as_a_line_of_its_own_and_still_ends_with_the_ledgers_balance() -> None:
    line = bills.line()
    month = bills.local(2026, 10, 1).date()
    charge_id = bills.charge(line, bills.local(2026, 10, 8), 60_000)
    corrections.post(wish=wish(line, amount_minor=12_000, charge_id=charge_id), at=bills.local(2026, 10, 9))
    [bill] = bills.issue(month)
    lines = {one.category: (one.amount_minor, one.vat_minor) for one in bill.lines}
    assert lines["correction"][0] == -12_000
    assert lines["correction"][1] < 0, "tax goes back with the price"
    assert bill.closing_minor == queries.balance(line.contract_id) == -48_000


@pytest.mark.django_db
def test_ops_3_a_reason_of_another_kind_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="no reason"):
        corrections.check_now(wish(make.customer(), Kind.CREDIT, reason="paid twice"))
    assert not models.Correction.objects.filter(booked_at__gt=now() - timedelta(days=1)).exists()
