"""CAB-2: prices that change are published in advance, given to whoever has the tariff, and told once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from abonent.domains.billing import actions, models, queries
from abonent.domains.billing.changes import actions as changes
from abonent.domains.billing.changes import messages as changes_messages
from abonent.domains.billing.changes import queries as changes_queries
from abonent.domains.billing.fees.forecast import forecast
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines import queries as line_queries
from abonent.domains.messaging.texts import sms as texts
from tests.factories import billing, cabinet, lines, statement
from tests.factories import catalog as tariffs
from tests.factories import changes as make

pytestmark = pytest.mark.django_db
# Noon in Moscow; the periods of these lines begin on the fifth.
NOON = datetime(2026, 11, 30, 9, tzinfo=UTC)
FIRST = datetime(2026, 12, 14, 21, tzinfo=UTC)


def test_cab_2_every_line_with_the_tariff_gets_it_on_its_first_day_and_hears_of_it_once() -> None:
    one, other, foreign = cabinet.line(), cabinet.line("+79000000055"), lines.line()
    version_id = make.published(make.dearer(), NOON)
    for _ in range(2):
        make.work(version_id, NOON)
    for line in (one, other):
        assert [(a.valid_from, a.valid_until) for a in line_queries.assignments([line.id])] == [
            (line.opened_at, FIRST), (FIRST, None)
        ]  # fmt: skip
        [told] = make.told(line.number)
        assert (told["day"], told["was"], told["fee"], told["kind"]) == ("2026-12-15", "65000", "70000", "prices")
    assert make.told(foreign.number) == []


def test_cab_2_until_that_day_the_line_has_what_it_had() -> None:
    line = cabinet.line()
    version_id = make.published(make.dearer(), NOON)
    for at, expected in (
        (FIRST - timedelta(microseconds=1), line.tariff_version_id),
        (FIRST, version_id),
        (FIRST + timedelta(days=400), version_id),
    ):
        with time_machine.travel(at, tick=False):
            seen = line_queries.served_by_number(line.number)
            assert seen
            assert seen.tariff_version_id == expected
            assert line_queries.served_by_number(line.number) == seen


def test_cab_2_the_next_fee_is_said_as_it_will_be_charged() -> None:
    line = cabinet.line()
    actions.charge_fees(until=NOON)
    make.published(make.dearer(), NOON)
    january = datetime(2027, 1, 4, 21, tzinfo=UTC)
    for at, fee in ((NOON, 650_00), (NOON + timedelta(days=6), 700_00)):
        assert queries.standing(line, at).next_fee.amount_minor == fee
    overview = queries.overview(line, NOON)
    assert overview.changes_at == FIRST
    coming = [(one.first, one.amount_minor) for one in forecast(contract_id=line.contract_id, now=NOON).coming]
    assert coming == [(date(2026, 12, 5), 650_00)]
    actions.charge_fees(until=january)
    charged = models.Charge.objects.filter(line_id=line.id, booked_at__gte=NOON).order_by("booked_at")
    assert list(charged.values_list("amount_minor", flat=True)) == [650_00, 700_00]


def test_cab_2_use_before_and_after_that_day_has_the_prices_of_its_day() -> None:
    line = lines.line()
    new = replace(
        tariffs.SMALL, valid_from=date(2026, 3, 20),
        terms=replace(tariffs.SMALL.terms, prices=tuple(
            replace(p, price_minor=4000) if p.code == "horoscope" else p for p in tariffs.PRICES
        )),
    )  # fmt: skip
    make.published(new, billing.march(1))
    for day in (19, 21):
        billing.use(
            billing.Use(line.number, billing.march(day), kind=billing.Kind.CONTENT, peer="4040", duration_s=0, units=1)
        )
    taken = models.Charge.objects.filter(line_id=line.id, category="content").order_by("booked_at")
    assert list(taken.values_list("amount_minor", flat=True)) == [3000, 4000]


def test_cab_2_says_what_was_what_becomes_and_why_newest_first(django_assert_num_queries: object) -> None:
    line, quiet = cabinet.line(), cabinet.line("+79000000055")
    make.published(make.dearer(), NOON)
    other = make.stored(replace(make.dearer("legky"), valid_from=date(2024, 2, 1)))
    assert other.id
    lines.change_tariff(quiet, NOON - timedelta(days=40), other.id)
    with django_assert_num_queries(4):  # type: ignore[operator]
        found = changes_queries.of_lines([line.id, quiet.id], NOON)
    coming, past = found[0], found[-1]
    assert (coming.since, coming.why, coming.told_at) == (FIRST, make.WHY, NOON)
    assert [(one.what, one.was.amount, one.becomes.amount) for one in coming.differences] == [
        ("fee", 650_00, 700_00), ("price", 250, 300)
    ]  # fmt: skip
    assert past.line_id == quiet.id
    assert past.is_other_tariff
    assert (past.why, past.told_at) == ({}, None)


def test_cab_2_a_line_opened_since_is_told_too() -> None:
    version_id = make.published(make.dearer(), NOON)
    late = cabinet.line("+79000000077")
    changes.spread_coming(at=NOON)
    make.work(version_id, NOON)
    assert len(make.told(late.number)) == 1
    changes.spread_coming(at=FIRST)
    assert cabinet.line("+79000000078").tariff_version_id != version_id


def test_cab_2_what_a_worker_does_too_late_begins_on_the_next_day_and_changes_no_past() -> None:
    line = cabinet.line()
    version_id = changes.publish(version=make.dearer(), why=make.WHY, at=NOON)
    late = FIRST + timedelta(days=2, hours=12)
    make.work(version_id, late)
    assert [a.valid_from for a in line_queries.assignments([line.id])] == [line.opened_at, FIRST + timedelta(days=3)]
    [told] = make.told(line.number)
    assert told["day"] == "2026-12-18"


def test_cab_2_at_night_nobody_is_woken_up() -> None:
    line = cabinet.line()
    night = NOON + timedelta(hours=12)
    version_id = make.published(make.dearer(), night)
    assert make.told(line.number) == []
    changes_messages.tell(at=night + timedelta(hours=12))
    make.work(version_id, night + timedelta(hours=13))
    assert len(make.told(line.number)) == 1


def test_cab_2_what_was_taken_back_is_told_to_nobody() -> None:
    line = cabinet.line()
    make.published(make.dearer(), NOON + timedelta(hours=12))
    lines.without_tariff(line, [(line.opened_at, FIRST + timedelta(days=900))])
    changes_messages.tell(at=NOON + timedelta(days=1))
    assert make.told(line.number) == []


def test_cab_2_another_tariff_of_a_day_to_come_is_told_by_its_name() -> None:
    line = cabinet.line()
    other = make.stored(make.dearer("legky", date(2024, 2, 1)))
    assert other.id
    assert lines_actions.give_tariff(line_ids=[line.id], tariff_version_id=other.id, since=FIRST) == [line.id]
    assert lines_actions.give_tariff(line_ids=[line.id], tariff_version_id=other.id, since=FIRST) == []
    changes.note(line_ids=[line.id], at=NOON)
    changes_messages.tell(at=NOON)
    [told] = make.told(line.number)
    assert (told["kind"], told["tariff"], told["fee"]) == ("tariff", "Лёгкий", "70000")


@pytest.mark.parametrize(
    ("version", "why", "said"),
    [
        (make.dearer, {"ru": "Дороже"}, "every language"),
        (lambda: make.dearer(day=date(2026, 12, 9)), make.WHY, "from 2026-12-10 on is the earliest"),
        (lambda: make.dearer(day=date(2026, 11, 30), fee_minor=1, terms=tariffs.SMALL.terms), make.WHY, "in advance"),
        (lambda: replace(make.dearer(), tariff_code="none"), make.WHY, "nobody has an earlier version"),
        (lambda: make.dearer(day=date(2023, 1, 1)), make.WHY, "nobody has an earlier version"),
    ],
)
def test_cab_2_is_not_published_without_reason_or_time(version: object, why: dict[str, str], said: str) -> None:
    cabinet.line()
    with pytest.raises(changes.NotPublished, match=said):
        changes.publish(version=version(), why=why, at=NOON)  # type: ignore[operator]
    assert not models.PriceReason.objects.exists()


def test_cab_2_the_same_again_is_no_news_and_an_earlier_one_is_refused() -> None:
    line = cabinet.line()
    first = make.published(make.dearer(), NOON)
    assert make.published(make.dearer(), NOON + timedelta(days=10)) == first
    assert len(make.told(line.number)) == 1
    with pytest.raises(changes.NotPublished, match="a later version"):
        make.published(make.dearer(day=date(2026, 12, 12)), NOON)
    with pytest.raises(ValueError, match="already in force"):
        make.published(make.dearer(fee_minor=1), NOON)


def test_cab_2_a_price_is_explained_to_whoever_had_it_and_to_nobody_else() -> None:
    line, foreign = cabinet.line(), lines.line()
    version_id = make.published(make.dearer(), NOON)
    statement.use(line, [statement.Used(NOON, statement.SMS, rule="sms-home", amount_minor=250)])
    old = changes_queries.price(line_ids=[line.id], version_id=line.tariff_version_id, rule="sms-home")
    assert old.price
    assert (old.price.price_minor, old.until, [one.amount_minor for one in old.taken]) == (250, FIRST, [250])
    new = changes_queries.price(line_ids=[line.id], version_id=version_id, rule="fee")
    assert (new.price, new.version.fee_minor, new.why, new.taken) == (None, 700_00, make.WHY, ())
    for line_ids, asked, rule in (
        ([foreign.id], version_id, "fee"), ([line.id], version_id, "none"), ([line.id], 10**9, "fee"), ([], 1, "fee")
    ):  # fmt: skip
        with pytest.raises(changes_queries.NoSuchPrice):
            changes_queries.price(line_ids=line_ids, version_id=asked, rule=rule)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(("kind", "was"), [("prices", "65000"), ("prices", "70000"), ("tariff", "65000")])
def test_cab_2_every_message_is_written_in_both_languages(kind: str, was: str, language: str) -> None:
    params = {
        "kind": kind,
        "number": "+79000000001",
        "tariff": "Свободный",
        "day": "2026-12-15",
        "was": was,
        "fee": "70000",
    }
    text = texts.render("prices change", params, None, language)
    assert "15.12.2026" in text
    assert "/changes/" in text
    assert "%(" not in text
    assert ("650" in text) == (kind == "prices" and was == "65000")


@pytest.mark.django_db(transaction=True)
def test_cab_2_many_workers_give_it_once_and_tell_once() -> None:
    line = cabinet.line()
    version_id = changes.publish(version=make.dearer(), why=make.WHY, at=NOON)

    def work(_: int) -> None:
        try:
            make.work(version_id, NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(line_queries.assignments([line.id])) == 2
    assert len(make.told(line.number)) == 1
