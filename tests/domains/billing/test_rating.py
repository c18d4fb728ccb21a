"""Rating of many lines at once agrees with the plain rules, record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abonent.domains.billing import rules
from abonent.domains.billing.rating import frames as rating
from abonent.domains.billing.rules import Assigned, Usage
from abonent.domains.lines.queries_bulk import ASSIGNMENTS
from abonent.domains.usage.rules import BYTES_MAX, STORED, Direction, Kind
from tests.domains.billing.strategies import START, ZONE, moments, usages
from tests.factories.catalog import GEOGRAPHY, LARGE, MIB, SMALL

BLOCK = 100 * 1024
VERSIONS = {1: replace(SMALL, id=1), 2: replace(LARGE, id=2)}


@st.composite
def tariffs_over_time(draw: st.DrawFn) -> list[Assigned]:
    """Draw up to three versions in turn, with a gap at times: no tariff then."""
    borders = sorted(draw(st.lists(moments, min_size=1, max_size=3, unique=True)))
    assigned = [Assigned(VERSIONS[draw(st.integers(1, 2))], min(START, borders[0]), borders[0])]
    for start, end in zip(borders, [*borders[1:], None], strict=True):
        if draw(st.integers(0, 5)):
            assigned.append(Assigned(VERSIONS[draw(st.integers(1, 2))], start, end))
    return assigned


lines_of_people = st.lists(st.tuples(usages(), tariffs_over_time(), st.integers(1, 28)), min_size=1, max_size=3)


def frame_of(records: Mapping[int, Sequence[Usage]]) -> pl.DataFrame:
    rows = [
        (
            line_id,
            u.record_id,
            u.source_id,
            u.started_at,
            Kind[u.kind.upper()],
            Direction[u.direction.upper()],
            u.peer,
            u.duration_s,
            u.bytes,
            u.units,
            u.zone,
        )
        for line_id, usage in records.items()
        for u in usage
    ]
    return pl.DataFrame(rows, STORED, orient="row")


def assignments_of(lines: Mapping[int, tuple[Sequence[Assigned], int]]) -> pl.DataFrame:
    rows = [
        (line_id, 100 + line_id, day, a.version.id, a.valid_from, a.valid_until)
        for line_id, (assigned, day) in lines.items()
        for a in assigned
    ]
    return pl.DataFrame(rows, ASSIGNMENTS, orient="row")


def plain(lines: Sequence[tuple[list[Usage], list[Assigned], int]]) -> tuple[set[object], dict[object, int]]:
    charges: set[object] = set()
    used: dict[object, int] = {}
    for line_id, (usage, assigned, day) in enumerate(lines):
        rated, buckets = rules.rate(usage, assigned, GEOGRAPHY, day, ZONE)
        used |= {(line_id, start, bucket): amount for (start, bucket), amount in buckets.items()}
        charges |= {
            (
                line_id,
                100 + line_id,
                r.usage.source_id,
                r.usage.record_id,
                r.usage.started_at,
                r.usage.peer,
                r.version.id,
                r.price.code,
                r.category,
                r.price.price_minor,
                r.price.unit_size,
                r.quantity,
                r.included,
                r.billed_units,
                r.amount_minor,
            )
            for r in rated
        }
    return charges, used


def at_once(
    lines: Sequence[tuple[list[Usage], list[Assigned], int]],
) -> tuple[set[object], dict[object, int]]:
    records = frame_of({line_id: usage for line_id, (usage, _, _) in enumerate(lines)})
    assignments = assignments_of({line_id: (assigned, day) for line_id, (_, assigned, day) in enumerate(lines)})
    priced = rating.price(records, assignments, rating.Tariffs(dict(VERSIONS), GEOGRAPHY), ZONE)
    settled = rating.settle(priced, everything=True)
    assert settled.late.is_empty()
    paid = rating.settle(priced).charges
    assert set(paid.iter_rows()) == {row for row in settled.charges.iter_rows() if row[-1] > 0}
    used = {
        (line_id, start, rating.BUCKETS[bucket]): amount
        for line_id, start, bucket, amount in settled.used.select(
            "line_id", "period_start", "bucket", "used"
        ).iter_rows()
    }
    return set(settled.charges.iter_rows()), used


def call(record_id: str, source_id: int, minutes: int) -> Usage:
    return Usage(START, source_id, record_id, "voice", "out", "+79161234567", minutes * 60, 0, 0, "home")


@settings(max_examples=100)
@given(lines_of_people)
@example([([call("B", 1, 5), call("A", 2, 5), call("A", 1, 10)], [Assigned(VERSIONS[1], START, None)], 10)])
def test_ops_4_many_lines_at_once_cost_what_the_plain_rules_say(
    lines: list[tuple[list[Usage], list[Assigned], int]],
) -> None:
    assert at_once(lines) == plain(lines)


def test_ops_4_no_number_of_the_greatest_records_makes_a_sum_run_over() -> None:
    """A million sessions of ten terabytes in a month are more bytes than 64 bits count."""
    count = 1_000_000
    one = frame_of({1: [Usage(START, 1, "", "data", "out", "", 0, BYTES_MAX, 0, "home")]})
    ids = pl.int_range(count).cast(pl.String)
    records = pl.concat([one] * count, rechunk=True).with_columns(record_id=ids)
    for terms, paid in ((VERSIONS[1], count), (VERSIONS[2], 0)):
        tariffs = rating.Tariffs(dict(VERSIONS), GEOGRAPHY)
        priced = rating.price(records, assignments_of({1: ([Assigned(terms, START, None)], 10)}), tariffs, ZONE)
        settled = rating.settle(priced)
        assert settled.charges.height == paid
        assert settled.charges["included"].sum() == (5 * MIB // BLOCK * BLOCK + (5 * MIB % BLOCK) if paid else 0)
        assert settled.charges["amount_minor"].sum() >= paid * (BYTES_MAX - 5 * MIB) // BLOCK * 15
        assert settled.used["used"].to_list() == [rating.NO_LIMIT]
        later = priced.groups.with_columns(first=pl.col("last") + timedelta(1), last=pl.col("last") + timedelta(1))
        more = replace(priced, groups=later)
        again = rating.settle(more, settled.used)
        assert again.late.is_empty()
        assert again.charges.height == paid
        assert again.used["used"].to_list() == [rating.NO_LIMIT]


@given(st.integers(1, 28), st.integers(0, 10 * 366 * 86_400))
def test_a_period_holds_its_moment_and_ends_where_the_next_begins(day: int, second: int) -> None:
    moment = START + timedelta(seconds=second)
    period = rules.period_of(day, moment, ZONE)
    assert moment in period
    assert (period.start.day, period.end.day) == (day, day)
    assert rules.period_of(day, period.end, ZONE).start == period.end
