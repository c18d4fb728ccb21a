"""State of the account and acts of reconciliation: they agree with the ledger at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.domains.billing import acts, posting, queries
from abonent.domains.billing.acts_rules import Movement
from abonent.domains.ledger import queries as ledger
from abonent.foundation.values import Period
from tests.factories import bills as make
from tests.factories.bills import local

MOSCOW = ZoneInfo("Europe/Moscow")
CATEGORIES = ("fee", "calls", "messages", "internet", "roaming", "content")
START = datetime(2026, 9, 1, tzinfo=UTC)
MOMENTS = st.builds(
    lambda minutes, micro: START + timedelta(minutes=minutes, microseconds=micro),
    st.integers(0, 90 * 24 * 60), st.sampled_from([0, 1, 999_999]),
)  # fmt: skip
MOVES = st.lists(st.tuples(MOMENTS, st.sampled_from(("pay", *CATEGORIES)), st.integers(1, 10**7)), max_size=12)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, first=st.dates(date(2026, 8, 30), date(2026, 12, 1)), days=st.integers(0, 60), at=MOMENTS)
def test_cab_5_opening_and_movements_make_the_closing_and_the_ledger_says_the_same(
    moves: list[tuple[datetime, str, int]], first: date, days: int, at: datetime
) -> None:
    line = make.line()
    other = make.line(of=line)
    for number, (moment, kind, amount_minor) in enumerate(moves):
        if kind == "pay":
            make.pay(line, moment, amount_minor)
        else:
            make.charge(other if number % 2 else line, moment, amount_minor, kind)
    period = Period.of_days(first, first + timedelta(days=days), MOSCOW)
    act = acts.act(line.contract_id, period)
    [account] = posting.accounts([line.contract_id])["ledger_account_id"]
    moment = timedelta(microseconds=1)
    assert act.opening_minor == ledger.balance_at(account, period.start - moment)
    assert act.closing_minor == ledger.balance_at(account, period.end - moment)
    assert act.opening_minor + sum(move.amount_minor for move in act.movements) == act.closing_minor
    assert act.credit_minor - act.debit_minor == act.closing_minor - act.opening_minor
    assert all(first <= move.day <= act.last for move in act.movements)
    assert acts.balance_at(line.contract_id, at) == ledger.balance_at(account, at)


@pytest.mark.django_db
def test_cab_5_an_act_names_each_movement_and_puts_a_days_calls_together() -> None:
    line = make.line("+79000000001")
    fee = make.charge(line, local(2026, 11, 5, 0), 65_000)
    for minute in (1, 2, 3):
        make.charge(line, local(2026, 11, 5, 14, minute), 100, "calls")
    paid = make.pay(line, local(2026, 11, 5, 23, 59), 70_000, "sbp", "•• 4417")
    act = acts.act(line.contract_id, Period.of_days(date(2026, 11, 1), date(2026, 11, 30), MOSCOW))
    day = date(2026, 11, 5)
    assert act.movements == (
        Movement(day, "payment", "", "", "sbp", "•• 4417", 1, paid, 70_000),
        Movement(day, "calls", "mobile", "+79000000001", "", "", 3, None, -300),
        Movement(day, "fee", "mobile", "+79000000001", "", "", 1, fee, -65_000),
    )
    assert (act.opening_minor, act.debit_minor, act.credit_minor, act.closing_minor) == (0, 65_300, 70_000, 4_700)
    assert act.payer.name == "Орлова Анна Ивановна"


@pytest.mark.django_db
def test_cab_5_acts_of_neighbouring_periods_meet_and_the_last_ends_with_the_balance() -> None:
    line = make.line()
    for day in range(1, 28):
        make.charge(line, local(2026, 11, day, 23, 59), day)
    halves = [
        acts.act(line.contract_id, Period.of_days(first, last, MOSCOW))
        for first, last in (
            (date(2026, 10, 1), date(2026, 11, 9)),
            (date(2026, 11, 10), date(2026, 11, 10)),
            (date(2026, 11, 11), date(2026, 12, 31)),
        )
    ]
    assert [act.opening_minor for act in halves] == [0, -45, -55]
    assert [act.closing_minor for act in halves] == [-45, -55, -378]
    assert halves[-1].closing_minor == queries.balance(line.contract_id)


@pytest.mark.django_db(transaction=True)
def test_cab_5_what_is_charged_while_an_act_is_made_is_in_it_as_a_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line, balances = make.line(), acts.balances
    make.pay(line, local(2026, 11, 5, 12), 70_000)

    def charge() -> None:
        try:
            make.charge(line, local(2026, 11, 6, 12), 5_000, "calls")
        finally:
            connection.close()

    def late(contract_ids: Sequence[int]) -> dict[int, int]:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(charge).result()
        return balances(contract_ids)

    def early(contract_ids: Sequence[int]) -> dict[int, int]:
        found = balances(contract_ids)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(charge).result()
        return found

    monkeypatch.setattr(acts, "balances", late)
    act = acts.act(line.contract_id, Period.of_days(date(2026, 11, 1), date(2026, 11, 30), MOSCOW))
    assert (act.opening_minor, act.closing_minor) == (0, 70_000)
    monkeypatch.setattr(acts, "balances", early)
    assert acts.balance_at(line.contract_id, local(2026, 11, 4, 12)) == 0


@pytest.mark.django_db
def test_cab_5_there_is_no_act_without_a_contract() -> None:
    with pytest.raises(LookupError):
        acts.act(10**12, Period.of_days(date(2026, 10, 1), date(2026, 11, 9), MOSCOW))
