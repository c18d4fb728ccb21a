"""CAB-19: spending limits are told once and hold back what their owner wants, whatever is rated when and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from abonent.config.reactions import REACTIONS
from abonent.domains.billing import actions, models, queries, queries_export, reactions
from abonent.domains.billing.corrections import actions as corrections
from abonent.domains.billing.corrections.rules import Kind
from abonent.domains.billing.events import SpendingLimitLifted, SpendingLimitReached
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.limits import messages as limits_messages
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.limits.rules import OnReached
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation import outbox
from tests.domains.billing.test_limits_rules import ZONES
from tests.factories import billing, cabinet, customers, lines, orders, statement
from tests.factories import limits as make

pytestmark = pytest.mark.django_db
# Noon in Moscow; the calls of `billing.Use` cost 1.80 a minute beyond ten minutes of the package.
NOON = datetime(2026, 3, 20, 9, tzinfo=UTC)
NIGHT = datetime(2026, 3, 20, 23, tzinfo=UTC)
APRIL = datetime(2026, 3, 31, 21, tzinfo=UTC)


@pytest.fixture
def heard() -> Iterator[Callable[[], list[str]]]:
    """Return what was announced to whoever switches services of a line, oldest first."""
    hears = ("tests.factories.limits.switch_services",)
    outbox.wire({**REACTIONS, SpendingLimitReached: hears, SpendingLimitLifted: hears})
    yield make.announced
    outbox.wire(REACTIONS)


def test_cab_19_is_told_at_80_and_at_100_percent_once_each() -> None:
    line = make.limited(cabinet.line(), 500_00, at=NOON)
    for amount in (399_99, 1, 50_00, 50_00, 100_00):
        make.spend(line, amount, NOON)
        make.work([line.id], NOON)
    assert make.told(line.number) == [("80", "50000"), ("100", "50000")]
    assert not make.blocked(line)


def test_cab_19_who_comes_to_both_at_once_is_told_of_the_higher_one() -> None:
    line = make.limited(cabinet.line(), 500_00, at=NOON)
    make.spend(line, 900_00, NOON)
    make.work([line.id], NOON + timedelta(days=1))
    assert make.told(line.number) == [("100", "50000")]


def test_cab_19_the_next_month_is_told_anew() -> None:
    line = make.limited(cabinet.line(), 500_00, at=NOON)
    make.spend(line, 600_00, NOON)
    make.spend(line, 450_00, APRIL + timedelta(hours=12))
    assert make.told(line.number) == [("100", "50000"), ("80", "50000")]


def test_cab_19_a_fee_at_night_is_told_in_the_morning_and_use_at_once() -> None:
    line = make.limited(cabinet.line(), 1_000_00, at=NOON)
    make.spend(line, 800_00, NIGHT, at_once=False)
    assert make.told(line.number) == []
    make.spend(line, 200_00, NIGHT + timedelta(hours=1))
    assert make.told(line.number) == [("100", "100000")]
    limits_messages.tell(at=NIGHT + timedelta(hours=12))
    assert make.told(line.number) == [("100", "100000")], "what waited is behind by then"


def test_cab_19_use_that_the_network_tells_of_late_wakes_nobody_up() -> None:
    line = make.limited(cabinet.line(), 1_000_00, at=NOON)
    statement.fee(line, NOON, 900_00)
    make.work([line.id], NIGHT)
    assert make.told(line.number) == []
    limits_messages.tell(at=NIGHT + timedelta(hours=12))
    assert make.told(line.number) == [("80", "100000")]


def test_cab_19_two_thresholds_that_wait_for_the_morning_are_one_message() -> None:
    line = make.limited(cabinet.line(), 1_000_00, at=NOON)
    for amount in (800_00, 200_00):
        make.spend(line, amount, NIGHT, at_once=False)
    limits_messages.tell(at=NIGHT + timedelta(hours=12))
    assert make.told(line.number) == [("100", "100000")]


def test_cab_19_what_is_not_true_any_more_in_the_morning_is_told_to_nobody() -> None:
    line = make.limited(cabinet.line(), 1_000_00, at=NOON)
    make.spend(line, 900_00, NIGHT, at_once=False)
    make.limited(line, 5_000_00, at=NIGHT)
    limits_messages.tell(at=NIGHT + timedelta(hours=12))
    assert make.told(line.number) == []
    late = make.limited(cabinet.line("+79000000055"), 1_000_00, at=APRIL - timedelta(hours=1))
    make.spend(late, 900_00, APRIL - timedelta(hours=1), at_once=False)
    limits_messages.tell(at=APRIL + timedelta(hours=12))
    assert make.told(late.number) == [], "of a month that is over"


def test_cab_19_whoever_pays_for_a_childs_number_is_told_too() -> None:
    parent = cabinet.line()
    child = make.limited(cabinet.another(parent, "+79000000002", "legky"), 100_00, at=NOON)
    make.spend(child, 100_00, NOON)
    assert make.told(parent.number) == make.told(child.number) == [("100", "10000")]


def test_cab_19_a_closed_line_is_told_nothing() -> None:
    line = make.limited(cabinet.line(), 100_00, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("update lines_line set closed_at = %s where id = %s", [NOON, line.id])
    make.spend(line, 100_00, NOON)
    assert make.told(line.number) == []


def test_cab_19_holds_back_from_the_limit_to_the_end_of_the_month(heard: Callable[[], list[str]]) -> None:
    line = make.limited(cabinet.line(), 500_00, block=True, at=NOON)
    make.spend(line, 499_99, NOON)
    assert not make.blocked(line)
    make.spend(line, 1, NOON)
    make.work([line.id], NOON)
    assert make.blocked(line)
    limits.look_at_all(at=APRIL - timedelta(microseconds=1))
    assert make.blocked(line)
    limits.look_at_all(at=APRIL)
    limits.look_at_all(at=APRIL)
    assert not make.blocked(line)
    assert heard() == [f"{line.id} reached 2026-03-01", f"{line.id} lifted"]


@pytest.mark.parametrize("zone", ZONES)
def test_cab_19_it_is_lifted_at_the_midnight_of_the_operators_zone(zone: str, settings: Any) -> None:
    settings.TIME_ZONE = zone
    end = limits_rules.period(date(2026, 11, 1), limits._zone()).end
    line = make.limited(cabinet.line(), 100_00, block=True, at=end - timedelta(seconds=2))
    make.spend(line, 100_00, end - timedelta(seconds=1))
    assert limits_queries.left_minor(line.id, end - timedelta(seconds=1)) == 0
    assert limits_queries.left_minor(line.id, end) == 100_00
    # A second into December counts for December, in this zone and no other.
    make.spend(line, 30_00, end)
    assert limits_queries.left_minor(line.id, end) == 70_00
    assert not make.blocked(line)


@pytest.mark.parametrize("act", ["raise", "change", "tell", "remove", "undo"])
def test_cab_19_its_owner_lifts_it_at_once(act: str, heard: Callable[[], list[str]]) -> None:
    line = make.limited(cabinet.line(), 500_00, block=True, at=NOON)
    make.spend(line, 500_00, NOON)
    version = make.stands(line, NOON).version
    acts: dict[str, Callable[[], None]] = {
        "raise": lambda: limits.raise_for_month(
            line_id=line.id, version=version, month=date(2026, 3, 1), to_minor=500_01, at=NOON
        ),
        "change": lambda: make.limited(line, 500_01, block=True, at=NOON) and None,
        "tell": lambda: make.limited(line, 500_00, at=NOON) and None,
        "remove": lambda: limits.remove(line_id=line.id, version=version, at=NOON),
        "undo": lambda: limits.undo(line_id=line.id, version=version, at=NOON),
    }
    acts[act]()
    assert not make.blocked(line)
    assert heard() == [f"{line.id} reached 2026-03-01", f"{line.id} lifted"]


def test_cab_19_a_limit_below_what_is_spent_holds_back_at_once_and_tells_nobody(heard: Callable[[], list[str]]) -> None:
    line = cabinet.line()
    statement.fee(line, NOON, 700_00)
    make.limited(line, 500_00, block=True, at=NOON)
    assert make.blocked(line)
    make.work([line.id], NOON)
    assert make.told(line.number) == [], "the page said so before"
    assert heard() == [f"{line.id} reached 2026-03-01"]


def test_cab_19_a_raised_limit_is_told_of_by_itself() -> None:
    line = make.limited(cabinet.line(), 500_00, block=True, at=NOON)
    make.spend(line, 500_00, NOON)
    limits.raise_for_month(
        line_id=line.id, version=1, month=date(2026, 3, 1), to_minor=1_000_00, at=NOON
    )  # fmt: skip
    make.spend(line, 300_00, NOON)
    make.spend(line, 200_00, NOON)
    assert make.told(line.number) == [("100", "50000"), ("80", "100000"), ("100", "100000")]
    assert make.blocked(line)


def test_cab_19_a_raise_of_a_month_that_is_over_or_stale_changes_nothing() -> None:
    line = make.limited(cabinet.line(), 500_00, at=NOON)
    for month, version in ((date(2026, 2, 1), 1), (date(2026, 4, 1), 1), (date(2026, 3, 1), 0), (date.min, 1)):
        with pytest.raises(limits.Changed):
            limits.raise_for_month(line_id=line.id, version=version, month=month, to_minor=900_00, at=NOON)
    assert make.stands(line, NOON).limit_minor == 500_00


def test_cab_19_a_form_that_comes_twice_is_one_change_and_an_old_one_is_none() -> None:
    line = cabinet.line()
    for _ in range(2):
        limits.set_limit(line_id=line.id, version=0, amount_minor=500_00, on_reached=OnReached.BLOCK, at=NOON)
    assert make.stands(line, NOON).version == 1
    with pytest.raises(limits.Changed):
        limits.set_limit(line_id=line.id, version=0, amount_minor=900_00, on_reached=OnReached.BLOCK, at=NOON)
    with pytest.raises(limits.Changed):
        limits.remove(line_id=line.id, version=0, at=NOON)
    assert make.stands(line, NOON).limit_minor == 500_00


def test_cab_19_the_last_change_is_taken_back_once_and_not_after_ten_minutes() -> None:
    line = make.limited(cabinet.line(), 500_00, block=True, at=NOON)
    limits.remove(line_id=line.id, version=1, at=NOON)
    limits.undo(line_id=line.id, version=2, at=NOON + timedelta(minutes=9))
    assert make.stands(line, NOON).terms.on_reached is OnReached.BLOCK
    assert make.stands(line, NOON).limit_minor == 500_00
    for at in (NOON, NOON + timedelta(minutes=9)):
        with pytest.raises(limits.Changed):
            limits.undo(line_id=line.id, version=3, at=at)
    limits.remove(line_id=line.id, version=3, at=NOON)
    with pytest.raises(limits.Changed):
        limits.undo(line_id=line.id, version=4, at=NOON + limits_rules.UNDO_FOR)


def test_cab_19_counts_what_the_page_of_expenses_counts() -> None:
    line, other = cabinet.line(), cabinet.line("+79000000055")
    statement.life(line, 300, until=datetime(2026, 11, 22, tzinfo=UTC))
    statement.life(other, 50, seed=2, until=datetime(2026, 11, 22, tzinfo=UTC))
    for month in (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)):
        period = limits_rules.period(month, limits._zone())
        found = limits_queries.spent([line.id, other.id, 0], period)
        assert found == {of: queries.expenses(of, period).total_minor for of in (line.id, other.id, 0)}


def test_cab_19_a_charge_announces_only_lines_with_a_limit_and_once() -> None:
    line, plain = lines.line(), lines.line()
    limits.set_limit(line_id=line.id, version=0, amount_minor=10_00, on_reached=OnReached.TELL, at=NOON)
    billing.use(
        *(billing.Use(of.number, billing.march(20, 8, n), duration_s=600) for of in (line, plain) for n in range(3))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct args #>> '{event,line_ids}', args #>> '{event,at_once}' from procrastinate_jobs
                where args ->> 'reaction' like '%look_at_limits'"""
        )
        assert cursor.fetchall() == [(f"[{line.id}]", "true")]


def looked_at() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select args #>> '{event,line_ids}' from procrastinate_jobs
                where args ->> 'reaction' like '%look_at_limits'"""
        )
        return cursor.fetchall()


def test_cab_19_what_staff_take_is_looked_at_at_once() -> None:
    line = orders.rich()
    limits.set_limit(line_id=line.id, version=0, amount_minor=10_00, on_reached=OnReached.TELL, at=orders.AT)
    wish = corrections.Wish(uuid4(), line.contract_id, line.id, Kind.DEBIT, 5_00, "not charged")
    assert corrections.post(wish=wish, at=orders.AT)
    assert looked_at() == [(f"[{line.id}]",)]


CALLS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 900)), min_size=1, max_size=12)


@settings(max_examples=12)
@given(calls=CALLS, order=st.randoms(use_true_random=False), cuts=st.integers(1, 4), look_often=st.booleans())
def test_cab_19_late_records_and_rating_anew_end_at_the_same_state(
    calls: list[tuple[int, int]], order: Any, cuts: int, look_often: bool
) -> None:
    """Whatever order records come in and however often somebody looks: sum, hold and left are those of the set."""
    at = datetime(2026, 3, 31, 12, tzinfo=UTC)
    at_first, late = (lines.line(contract_id=customers.contract()) for _ in range(2))
    for line in (at_first, late):
        limits.set_limit(
            line_id=line.id, version=0, amount_minor=20_00, on_reached=OnReached.BLOCK, at=billing.march(1)
        )
    uses = [(billing.march(10) + timedelta(hours=hour, seconds=n), seconds) for n, (hour, seconds) in enumerate(calls)]
    billing.use(*(billing.Use(at_first.number, when, duration_s=seconds) for when, seconds in sorted(uses)))
    shuffled = list(uses)
    order.shuffle(shuffled)
    for first in range(0, len(shuffled), cuts):
        billing.use(
            *(billing.Use(late.number, when, duration_s=seconds) for when, seconds in shuffled[first : first + cuts])
        )
        if look_often:
            make.work([late.id], at)
    make.work([at_first.id, late.id], at)
    one, other = make.stands(at_first, at), make.stands(late, at)
    assert (one.spent_minor, one.left_minor) == (other.spent_minor, other.left_minor)
    assert make.blocked(at_first) == make.blocked(late) == (one.spent_minor >= 20_00)
    percents = [make.told(line.number) for line in (at_first, late)]
    assert [len(told) == len(set(told)) for told in percents] == [True, True]
    assert (("100", "2000") in percents[0]) == (("100", "2000") in percents[1]) == (one.spent_minor >= 20_00)


def test_cab_19_the_fee_of_the_tariff_is_charged_whatever_the_limit_says() -> None:
    line = make.limited(lines.line(), 10_00, block=True, at=NOON)
    assert actions.charge_fees(until=NOON) > 0
    make.work([line.id], NOON, at_once=False)
    assert make.stands(line, NOON).spent_minor >= 300_00
    before = make.stands(line, NOON).spent_minor
    actions.charge_fees(until=NOON + timedelta(days=31))
    assert make.stands(line, NOON + timedelta(days=30)).spent_minor == before


def test_cab_19_a_round_finds_what_a_dead_worker_did_not(django_assert_max_num_queries: Any) -> None:
    quiet = [make.limited(lines.line(), 500_00, block=True, at=NOON) for _ in range(30)]
    line = quiet[17]
    statement.fee(line, NOON, 500_00)
    limits.look_at_all(at=NOON)
    assert make.blocked(line)
    limits_messages.tell(at=NOON)
    assert make.told(line.number) == [("100", "50000")]
    with django_assert_max_num_queries(6):
        limits.look_at_all(at=NOON)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("percent", "on_reached"), [("80", "tell"), ("80", "block"), ("100", "tell"), ("100", "block")]
)
def test_cab_19_every_message_is_written_in_both_languages(language: str, percent: str, on_reached: str) -> None:
    params = {"number": "+79000000001", "percent": percent, "spent": "45050", "limit": "50000", "until": "2026-04-01",
              "on_reached": on_reached}  # fmt: skip
    text = texts.render("spending limit", params, None, language)
    assert "/limits/" in text
    assert "450" in text
    assert "%(" not in text
    assert ("лимит" in text.lower()) == (language == "ru")
    # What is not switched off is not said to be.
    assert ("01.04.2026" in text) == (percent == "100" and on_reached == "block")


def test_cab_19_messages_are_told_in_the_owners_language() -> None:
    line = make.limited(lines.line(contract_id=customers.contract(customers.BORIS)), 100_00, at=NOON)
    make.spend(line, 100_00, NOON)
    assert Message.objects.get(template="spending limit").language == "en"


def test_cab_19_a_day_in_the_life_with_the_clock(settings: Any) -> None:
    """The reaction that a worker calls does both: it looks and it tells."""
    line = make.limited(cabinet.line(), 100_00, block=True, at=NOON)
    with time_machine.travel(NOON, tick=False):
        statement.fee(line, NOON, 100_00)
        for _ in range(3):
            reactions.look_at_limits(line_ids=[line.id], at_once=True)
    assert make.told(line.number) == [("100", "10000")]
    assert models.LimitNotice.objects.filter(line_id=line.id).values_list("percent", "told_at").count() == 2


def test_cab_19_the_copy_of_ones_data_holds_the_limit() -> None:
    line = make.limited(cabinet.line(), 100_00, at=NOON)
    parts = {part.name: part for part in queries_export.parts(line_ids=[line.id], contract_ids=[], payer_id=0)}
    assert billing.rows(parts["spending-limits"].sql, parts["spending-limits"].parameters)[0][1] == 100_00
