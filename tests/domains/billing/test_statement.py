"""The statement against its rows: every entry once, totals true, nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abonent.domains.billing.statement import reading as statement
from abonent.domains.billing.statement.rules import TYPES, Entry, Filters, Position
from tests.factories import statement as make
from tests.factories.statement import MOSCOW, NOW, TODAY, Used

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def stream(line: make.lines.Line, filters: Filters) -> list[Entry]:
    with statement.whole(line=line, filters=filters, zone=MOSCOW) as found:
        return list(found.entries)


def pages(line: make.lines.Line, filters: Filters, size: int) -> list[Entry]:
    entries: list[Entry] = []
    older: Position | None = None
    while True:
        page = statement.page(line=line, filters=filters, zone=MOSCOW, older_than=older, size=size)
        assert len(list(page.statement.entries)) <= size
        entries += page.statement.entries
        older = page.older
        if older is None:
            return entries


def pages_back(line: make.lines.Line, filters: Filters, size: int, last: Entry) -> list[Entry]:
    entries: list[Entry] = []
    newer: Position | None = last.position
    while newer is not None:
        page = statement.page(line=line, filters=filters, zone=MOSCOW, newer_than=newer, size=size)
        entries = [*page.statement.entries, *entries]
        newer = page.newer
    return entries


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=25),
    fees=st.lists(st.integers(0, 3), max_size=4),
    payments=st.lists(st.integers(0, 3), max_size=4),
    size=st.integers(1, 7),
)
def test_cab_4_pages_hold_every_entry_exactly_once_also_of_one_moment(
    records: list[tuple[int, int]], fees: list[int], payments: list[int], size: int
) -> None:
    number = f"+7900{datetime.now(UTC).microsecond:06}{make.uuid4().int % 10}"
    line = make.line(number)
    start = NOW - DAY
    make.use(line, [Used(start + timedelta(minutes=m), source_id=s, amount_minor=m or None) for m, s in records])
    for minute in fees:
        make.fee(line, start + timedelta(minutes=minute))
    for minute in payments:
        make.pay(line, start + timedelta(minutes=minute))
    filters = Filters.parse({}, TODAY)
    everything = stream(line, filters)
    assert len(everything) == len(records) + len(fees) + len(payments)
    assert everything == sorted(everything, key=lambda entry: entry.position)
    assert pages(line, filters, size) == everything[::-1]
    if everything:
        assert pages_back(line, filters, size, everything[0]) == everything[:0:-1]


def test_cab_4_filters_give_the_same_in_pages_stream_and_totals() -> None:
    line = make.line()
    make.life(line, 300)
    everything = stream(line, Filters.parse({}, TODAY))
    cases = [{"type": [type_]} for type_ in TYPES] + [
        {"type": ["calls", "payments"]},
        {"type": ["roaming", "internet"]},
    ]
    cases += [
        {"search": ["900"]},
        {"search": ["+79"]},
        {"search": ["ГОРОСКОП"]},
        {"search": ["*100"], "type": ["calls"]},
    ]
    cases += [{"from": ["2026-10-01"], "to": ["2026-10-31"]}, {"search": ["79"], "type": ["fees"]}]
    for typed in cases:
        filters = Filters.parse(typed, TODAY)
        expected = [entry for entry in everything if fits(entry, filters)]
        assert stream(line, filters) == expected, typed
        assert pages(line, filters, 50) == expected[::-1], typed
        page = statement.page(line=line, filters=filters, zone=MOSCOW)
        for total in page.statement.totals.by_type:
            mine = [entry for entry in expected if entry.type == total.type]
            assert (total.count, total.amount_minor) == (len(mine), sum(entry.amount_minor for entry in mine)), typed
        assert page.statement.totals.count == len(expected)


def fits(entry: Entry, filters: Filters) -> bool:
    peer = entry.peer.casefold()
    found = not filters.needles or (
        entry.type not in ("fees", "payments")
        and any(peer.startswith(n) if n.startswith("+") else n.casefold() in peer for n in filters.needles)
    )
    day = entry.at.astimezone(MOSCOW).date()
    return found and (not filters.types or entry.type in filters.types) and filters.first <= day <= filters.last


def test_cab_4_sums_equal_what_was_charged_and_paid() -> None:
    line = make.line()
    used = make.life(line, 200)
    totals = statement.page(line=line, filters=Filters.parse({}, TODAY), zone=MOSCOW).statement.totals
    assert totals.charged_minor == sum(u.amount_minor or 0 for u in used) + 3 * 65000
    assert totals.paid_minor == 50000 * 11


def test_cab_4_tells_what_the_package_covered_from_what_is_free() -> None:
    line = make.line()
    voice = {
        "covered, weighed": {"amount_minor": 0, "included": 120},
        "free, weighed": {"amount_minor": 0},
        "covered": {},
        "incoming": {"direction": 2},
        "emergency": {"peer": "112"},
        "nobody answered": {"duration_s": 0},
        "paid": {"amount_minor": 500},
        "paid in part": {"amount_minor": 500, "included": 60},
    }
    used = [Used(NOW - DAY, record_id=name, **facts) for name, facts in voice.items()]  # type: ignore[arg-type]
    used.append(Used(NOW - DAY, make.DATA, 1, "", 0, bytes=1024, record_id="covered data"))
    make.use(line, used)
    everything = Filters.parse({}, TODAY)
    shown = pages(line, everything, 50)
    assert shown == stream(line, everything)[::-1]
    assert {entry.key for entry in shown if entry.included} == {"covered, weighed", "covered", "covered data"}
    assert {entry.key for entry in shown if entry.amount_minor} == {"paid", "paid in part"}


def test_sec_shows_only_the_line_and_the_payments_of_its_contract() -> None:
    line, stranger = make.line(), make.line("+79000000999")
    sister = make.line("+79000000002", contract_of=line)
    for one in (line, stranger, sister):
        make.use(one, [Used(NOW - DAY, amount_minor=100, record_id=one.number)])
        make.fee(one, NOW - DAY)
    make.pay(line, NOW - DAY, 100)
    make.pay(stranger, NOW - DAY, 999)
    for one in (line, sister):
        entries = stream(one, Filters.parse({}, TODAY))
        assert [entry.amount_minor for entry in entries if entry.type == "payments"] == [100]
        assert [entry.key for entry in entries if entry.kind == "voice"] == [one.number]
        assert len(entries) == 3


def test_perf_a_page_asks_few_queries_however_many_entries() -> None:
    line = make.line()
    counts = []
    for _ in range(2):
        make.use(line, [Used(NOW - DAY) for _ in range(120)])
        make.fee(line, NOW)
        with CaptureQueriesContext(connection) as queries:
            statement.page(line=line, filters=Filters.parse({}, TODAY), zone=MOSCOW)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_cab_4_a_stream_left_in_the_middle_leaves_the_connection_well() -> None:
    line = make.line()
    make.use(line, [Used(NOW - DAY) for _ in range(5000)])
    with statement.whole(line=line, filters=Filters.parse({}, TODAY), zone=MOSCOW) as found:
        next(iter(found.entries))
    assert len(stream(line, Filters.parse({}, TODAY))) == 5000
