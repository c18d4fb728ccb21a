"""Cashback (CAB-17): each purchase once, money after the hold, back when it is returned, never the customer's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import close_old_connections, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.domains.billing import models, queries
from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.billing.cashback import queries as cashback_queries
from abonent.domains.billing.cashback.rules import (
    BadRow,
    Reason,
    State,
    Terms,
    accrual,
    can_go_back,
    due_at,
    goes_back,
    in_force,
)
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import bills, lines, promised
from tests.factories import cashback as make

SUMS = st.integers(0, 10**8)
TERMS = st.builds(
    Terms, rate_bp=st.integers(1, 10_000), purchase_cap_minor=st.integers(1, 10**6),
    month_cap_minor=st.integers(1, 10**6), hold_days=st.integers(0, 30),
)  # fmt: skip


# --- Rules ---


@given(TERMS, st.lists(SUMS, max_size=10))
def test_cab_17_no_purchase_and_no_month_brings_more_than_its_cap(terms: Terms, kept: list[int]) -> None:
    came = 0
    for sum_minor in kept:
        one = accrual(terms, kept_minor=sum_minor, category="", month_before_minor=came)
        assert 0 <= one <= min(terms.purchase_cap_minor, sum_minor)
        came += one
    assert came <= terms.month_cap_minor


@given(TERMS, SUMS, st.lists(st.integers(0, 100), max_size=6), st.integers(0, 10**6))
@settings(max_examples=200)
def test_cab_17_returns_step_by_step_take_back_what_one_return_would(
    terms: Terms, amount: int, percents: list[int], month_before: int
) -> None:
    accrued = accrual(terms, kept_minor=amount, category="", month_before_minor=month_before)
    back = 0
    for percent in sorted(percents):
        kept = amount - amount * percent // 100
        back += goes_back(terms, accrued_minor=accrued, back_minor=back, kept_minor=kept, category="")
    last = amount - amount * max(percents, default=0) // 100
    assert back == goes_back(terms, accrued_minor=accrued, back_minor=0, kept_minor=last, category="")
    assert 0 <= back <= accrued
    if last == 0:
        assert back == accrued


@given(SUMS, st.integers(-(10**8), 10**8), st.booleans())
def test_cab_17_who_pays_before_is_never_brought_below_zero_by_a_return(
    wanted: int, available: int, prepaid: bool
) -> None:
    taken = can_go_back(wanted, available, prepaid=prepaid)
    assert 0 <= taken <= wanted
    assert not prepaid or available - taken >= min(0, available)


def test_cab_17_terms_hold_from_their_day_and_excluded_goods_bring_nothing() -> None:
    known = [(date(2026, 6, 1), 2), (date(2026, 1, 1), 1)]
    assert [in_force(date(2026, month, 1), known) for month in (1, 5, 6)] == [1, 1, 2]
    assert in_force(date(2025, 12, 31), known) is None
    assert accrual(make.TERMS, kept_minor=100_000, category="табак") == 0
    assert due_at(date(2026, 11, 29), make.TERMS, ZoneInfo("Europe/Moscow")).isoformat() == "2026-12-03T09:00:00+03:00"
    for bad in ({"rate_bp": 0}, {"rate_bp": 10_001}, {"month_cap_minor": 0}):
        with pytest.raises(ValueError, match="basis points"):
            Terms(**{"rate_bp": 1, "purchase_cap_minor": 1, "month_cap_minor": 1, "hold_days": 0} | bad)


# --- Money ---


@pytest.fixture
def line() -> Line:
    make.partner()
    return lines.line()


def state() -> tuple[Any, ...]:
    return (
        *models.CashbackPurchase.objects.order_by("id").values_list("returned_minor", "state", "amount_minor"),
        models.CashbackMove.objects.count(), models.Payment.objects.count(),
    )  # fmt: skip


def refused(fields: dict[str, str]) -> Reason:
    """Return why a row is not taken; nothing may have changed."""
    before = state()
    with pytest.raises(BadRow) as bad:
        make.take(fields)
    assert state() == before
    return bad.value.reason


@pytest.mark.django_db
def test_cab_17_a_purchase_brings_money_once_after_the_hold(line: Line) -> None:
    assert make.take(make.row(line))
    assert not make.take(make.row(line))
    assert make.accrue(now() + timedelta(days=2)) == 0
    assert make.money(line) == (0, 0, 0, 0)
    [waiting] = cashback_queries.purchases(line.contract_id)
    assert (waiting.state, waiting.expected_minor) == (State.WAITING, 5_000)
    assert make.accrue() == 1
    assert make.accrue() == 0
    assert make.money(line) == (5_000, 5_000, 0, 0)
    payment = models.Payment.objects.get()
    assert (payment.method, payment.detail) == ("cashback", "«Kometa»")
    assert queries.last_top_up(line.contract_id) is None, "what was given is not what the owner paid last"
    assert ledger.disagreements() == []


@pytest.mark.django_db
def test_cab_17_caps_of_a_purchase_and_of_the_month_hold_over_what_falls_due_together(line: Line) -> None:
    for number in range(3):
        make.take(make.row(line, "9000.00", purchase_id=f"T-{number}"))
    make.accrue()
    came = models.CashbackPurchase.objects.order_by("id").values_list("accrued_minor", "state")
    assert list(came) == [(10_000, "accrued"), (5_000, "accrued"), (0, "nothing")]


@pytest.mark.django_db
def test_cab_17_a_return_before_the_hold_ends_brings_less_or_nothing(line: Line) -> None:
    for name in ("part", "whole"):
        make.take(make.row(line, purchase_id=name))
    make.take(make.row(line, "400.00", purchase_id="part", state="returned"))
    make.take(make.row(line, "1000.00", purchase_id="whole", state="returned"))
    make.accrue()
    assert make.money(line) == (3_000, 3_000, 0, 0)
    assert models.CashbackPurchase.objects.get(purchase_id="whole").state == State.NOTHING


@pytest.mark.django_db
def test_cab_17_a_return_after_it_reverses_a_part_and_then_the_rest(line: Line) -> None:
    make.take(make.row(line))
    make.accrue()
    assert make.take(make.row(line, "400.00", state="returned"))
    assert not make.take(make.row(line, "400.00", state="returned"))
    assert not make.take(make.row(line, "300.00", state="returned")), "an older fact"
    assert make.money(line) == (3_000, 5_000, 2_000, 0)
    make.take(make.row(line, "1000.00", state="returned"))
    assert make.money(line) == (0, 5_000, 5_000, 0)
    assert sorted(models.Payment.objects.values_list("amount_minor", flat=True)) == [-3_000, -2_000, 5_000]
    assert ledger.disagreements() == []


@pytest.mark.django_db
def test_cab_17_what_is_spent_is_set_off_against_later_cashback_and_nothing_else(line: Line) -> None:
    make.take(make.row(line))
    make.accrue()
    promised.spend(line, 4_000)
    make.take(make.row(line, "1000.00", state="returned"))
    assert make.money(line) == (0, 5_000, 1_000, 4_000)
    bills.pay(line, now(), 30_000)
    assert make.money(line) == (30_000, 5_000, 1_000, 4_000), "the customer's own money stays"
    make.take(make.row(line, "600.00", purchase_id="T-2"))
    make.accrue()
    assert make.money(line) == (30_000, 8_000, 4_000, 1_000)
    make.take(make.row(line, "600.00", purchase_id="T-3"))
    make.accrue()
    assert make.money(line) == (32_000, 11_000, 5_000, 0)
    assert ledger.disagreements() == []


@pytest.mark.django_db
def test_cab_17_what_repaid_a_promise_is_not_set_off_once_more(line: Line) -> None:
    make.take(make.row(line))
    make.accrue()
    promised.spend(line, 5_000)
    make.take(make.row(line, "1000.00", state="returned"))
    assert make.money(line) == (0, 5_000, 0, 5_000)
    promised.owed(line.contract_id, 2_000, due_at=now())
    models.PromisedRules.objects.update(terms=replace(promised.TERMS, spared=()).to_json())
    make.take(make.row(line, "600.00", purchase_id="T-2"))
    make.accrue()
    # Three thousand came: two repaid the promise, and one was there to be set off.
    assert make.money(line) == (0, 8_000, 1_000, 4_000)


@pytest.mark.django_db
def test_cab_17_who_pays_by_the_bill_gives_all_of_it_back() -> None:
    make.partner()
    line = bills.line("+79005550077")
    make.take(make.row(line))
    make.accrue()
    promised.spend(line, 50_000)
    make.take(make.row(line, "1000.00", state="returned"))
    assert make.money(line) == (-50_000, 5_000, 5_000, 0)


@pytest.mark.django_db
def test_cab_17_new_terms_hold_for_purchases_from_their_day_on(line: Line) -> None:
    today = now().date()
    make.partner(terms=Terms(1_000, 500_00, 500_00, 3), valid_from=today)
    make.take(make.row(line, bought_on=f"{today - timedelta(days=1)}"))
    make.take(make.row(line, bought_on=f"{today}", purchase_id="T-2"))
    make.accrue()
    came = models.CashbackPurchase.objects.order_by("id").values_list("accrued_minor", flat=True)
    assert list(came) == [5_000, 10_000]
    with pytest.raises(ValueError, match="never edited"):
        make.partner(terms=Terms(900, 1, 1, 1), valid_from=today)


@pytest.mark.django_db
def test_cab_17_a_line_that_is_closed_by_then_gets_nothing(line: Line) -> None:
    make.take(make.row(line))
    lines_models.Line.objects.filter(id=line.id).update(closed_at=now())
    make.accrue()
    assert make.money(line) == (0, 0, 0, 0)
    assert models.CashbackPurchase.objects.get().state == State.NOTHING


WRONG: tuple[tuple[dict[str, str], Reason], ...] = (
    ({"number": "+79009999999"}, Reason.NOBODY), ({"number": "+12025550123"}, Reason.NOBODY),
    ({"number": "12"}, Reason.NUMBER), ({"number": ""}, Reason.NUMBER),
    ({"amount": "0"}, Reason.AMOUNT), ({"amount": "-5.00"}, Reason.AMOUNT), ({"amount": "1,50"}, Reason.AMOUNT),
    ({"amount": "1.5"}, Reason.AMOUNT), ({"amount": "9999999999.00"}, Reason.AMOUNT),
    ({"amount": "٣"}, Reason.AMOUNT),
    ({"bought_on": "31.12.2025"}, Reason.DAY), ({"bought_on": "2099-01-01"}, Reason.DAY),
    ({"bought_on": "2020-01-01"}, Reason.DAY), ({"state": "lost"}, Reason.STATE),
    ({"purchase_id": ""}, Reason.PURCHASE), ({"purchase_id": "x" * 61}, Reason.PURCHASE),
    ({"purchase_id": "a b"}, Reason.PURCHASE), ({"category": "x" * 41}, Reason.CATEGORY),
    ({"purchase_id": "T-9", "state": "returned"}, Reason.UNKNOWN),
    ({"state": "returned", "amount": "1000.01"}, Reason.TOO_MUCH), ({"amount": "999.00"}, Reason.OTHER),
)  # fmt: skip


@pytest.mark.django_db
def test_cab_17_what_cannot_be_is_refused_and_changes_nothing(line: Line) -> None:
    make.take(make.row(line))
    for changes, reason in WRONG:
        new = {} if reason in (Reason.OTHER, Reason.TOO_MUCH) else {"purchase_id": "T-2"}
        assert refused(make.row(line) | new | changes) is reason, changes


@pytest.mark.django_db
def test_cab_17_a_number_that_was_anothers_on_that_day_brings_nothing() -> None:
    make.partner()
    line = lines.line(opened_at=now() - timedelta(days=2))
    assert refused(make.row(line, bought_on=f"{(now() - timedelta(days=4)).date()}")) is Reason.NOBODY
    assert make.take(make.row(line, bought_on=f"{(now() - timedelta(days=1)).date()}"))


# --- Files ---


@pytest.mark.django_db
def test_cab_17_a_file_goes_in_once_and_its_bad_rows_are_named(line: Line, tmp_path: Path) -> None:
    rows = [
        make.row(line), make.row("+79009999999", purchase_id="T-2"), make.row(line, "x", purchase_id="T-3"),
        make.row(line, "200.00", state="returned"), make.row(line, purchase_id="T-4"), make.row(line),
    ]  # fmt: skip
    path = make.file(tmp_path, rows)
    with path.open("a") as more:
        more.write("one,field\n\n")
    taken = cashback.import_file(path=path, code=make.CODE, at=now())
    assert (taken.read, taken.new, taken.known) == (7, 3, 1)
    assert taken.refused == [(3, Reason.NOBODY), (4, Reason.AMOUNT), (8, Reason.COLUMNS)]
    again = cashback.import_file(path=path, code=make.CODE, at=now())
    assert (again.new, again.known, len(again.refused)) == (0, 4, 3)
    assert models.CashbackPurchase.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"", b"a,b\n", b"purchase_id,number,amount,bought_on,state,category\nT-1,\xff\n",
        b'purchase_id,number,amount,bought_on,state,category\nT-1,"\n', b"\x00",
    ],
)  # fmt: skip
def test_cab_17_of_a_file_that_is_damaged_nothing_is_taken(line: Line, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(cashback.BadFile):
        cashback.import_file(path=path, code=make.CODE, at=now())
    with pytest.raises(cashback.NoSuchPartner):
        cashback.import_file(path=path, code="nobody", at=now())
    assert not models.CashbackPurchase.objects.exists()
    assert queries.balance(line.contract_id) == 0


# --- At once ---


@pytest.mark.django_db(transaction=True)
def test_cab_17_at_once_a_purchase_comes_once_and_the_month_keeps_its_cap() -> None:
    make.partner()
    line = lines.line()
    at_once(lambda _: make.take(make.row(line, "9000.00")), 8)
    assert models.CashbackPurchase.objects.count() == 1
    for number in range(2, 5):
        make.take(make.row(line, "9000.00", purchase_id=f"T-{number}"))
    answers = at_once(lambda _: make.accrue(), 8)
    assert sum(answer for answer in answers if isinstance(answer, int)) == 4, answers
    assert make.money(line)[:2] == (15_000, 15_000)
    returned = at_once(lambda n: make.take(make.row(line, f"{n + 1}000.00", state="returned")), 9)
    assert all(isinstance(answer, bool) for answer in returned), returned
    assert make.money(line) == (5_000, 15_000, 10_000, 0)
    assert ledger.disagreements() == []
    close_old_connections()


@pytest.mark.django_db(transaction=True)
def test_cab_17_a_file_and_a_callback_of_one_customer_do_not_wait_for_each_other(tmp_path: Path) -> None:
    make.partner()
    line = lines.line()
    returned = [make.row(line, "500.00", purchase_id=name, state="returned") for name in ("T-1", "T-2")]
    for name in ("T-1", "T-2"):
        make.take(make.row(line, purchase_id=name))
    path = make.file(tmp_path, returned)

    def imported() -> cashback.Taken:
        try:
            return cashback.import_file(path=path, code=make.CODE, at=now())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            # A callback about the second purchase has begun.
            cursor.execute("select pg_advisory_xact_lock(hashtext('cashback'), hashtext(%s))", [f"{make.CODE} T-2"])
            file = pool.submit(imported)
            while not _waits(cursor):
                assert not file.done()
            assert make.take(returned[1])
        taken = file.result(timeout=30)
    assert (taken.new, taken.known, taken.refused) == (1, 1, [])


def _waits(cursor: Any) -> bool:
    cursor.execute("select exists (select from pg_locks where locktype = 'advisory' and not granted)")
    return bool(cursor.fetchone()[0])
