"""The statement of a line: usage with what it cost, fees and payments, merged in time. One value for page and files."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from abonent.domains.billing.corrections.rules import CATEGORY as CORRECTION
from abonent.domains.billing.fees.rules import PART, RETURN
from abonent.domains.billing.rules import FEE_CATEGORIES, Assigned
from abonent.domains.billing.statement.cover import Cover
from abonent.domains.billing.statement.rules import (
    CALLS,
    CONTENT,
    FEE,
    FEES,
    INTERNET,
    MESSAGES,
    PAYMENT,
    PAYMENTS,
    RECORD,
    ROAMING,
    TRANSFERS,
    TYPES,
    Entry,
    Filters,
    Position,
    Totals,
    TypeTotal,
)
from abonent.domains.billing.statement.stream import ENTRIES, Stream, in_time
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.usage.queries import Selection, patterns, selection
from abonent.domains.usage.rules import Direction, Kind
from abonent.foundation import frames
from abonent.foundation.moments import one_moment
from abonent.foundation.values import Period

PAGE_SIZE = 50
STREAM_ROWS = 16_000
_TYPE_OF_KIND = {
    Kind.VOICE: CALLS,
    Kind.SMS: MESSAGES,
    Kind.MMS: MESSAGES,
    Kind.DATA: INTERNET,
    Kind.CONTENT: CONTENT,
}
_ALL_BUT_ROAMING = frozenset(_TYPE_OF_KIND.values())


def _by_number(names: Mapping[Kind, str] | Mapping[Direction, str]) -> str:
    """Return the names as an SQL array; the numbers that rows hold are its places."""
    numbered = {int(number): name for number, name in names.items()}
    return "array[{}]".format(", ".join(f"'{numbered[place]}'" for place in range(1, len(numbered) + 1)))


_TYPE_OF_RECORD = f"case when abroad then '{ROAMING}' else ({_by_number(_TYPE_OF_KIND)})[kind] end"
# Rows come as `Entry` wants them, so that Python only has to put the name on the tuple.
_RECORD_COLUMNS = f"""
    {_TYPE_OF_RECORD},
    ({_by_number({kind: kind.name.lower() for kind in Kind})})[record.kind],
    ({_by_number({direction: direction.name.lower() for direction in Direction})})[record.direction],
    record.peer,
    case record.kind when {Kind.VOICE:d} then record.duration_s when {Kind.DATA:d} then record.bytes
                     else greatest(record.units, 1) end,
    record.zone,
    coalesce(-charge.amount_minor, 0),
    coalesce(charge.included > 0 and charge.amount_minor = 0, false),
    charge.id::text,
    null::bigint,
    '',
    record.source_id,
    record.record_id"""
# A charge stands under the time of its record, so both are read in time by the indexes of the line.
_CHARGES_OF_RECORDS = """
    left join billing_charge charge
      on charge.line_id = %s and charge.booked_at >= %s and charge.booked_at < %s
     and charge.booked_at = record.started_at and charge.source_id = record.source_id
     and charge.record_id = record.record_id"""
_FEES = f"""
    select booked_at, case category when '{TRANSFERS}' then '{TRANSFERS}' else '{FEES}' end, category,
           case when category = '{TRANSFERS}' then 'out' when amount_minor < 0 then 'in' else '' end,
           peer, 1, '', -amount_minor, false, id::text, tariff_version_id,
           case when category in ('{TRANSFERS}', '{CORRECTION}') then rule
                when rule in ('{PART}', '{RETURN}') then quantity || '/' || unit_size else '' end, 0, id::text
      from billing_charge where line_id = %s and booked_at >= %s and booked_at < %s and record_id is null
       and (category = '{TRANSFERS}') = any(%s)"""
_PAYMENTS = f"""
    select booked_at, '{PAYMENTS}', 'payment', case when amount_minor < 0 then 'out' else 'in' end, detail, 1, '',
           amount_minor, false, null, null, method, 0, id::text
      from billing_payment where account_id = (select id from billing_account where contract_id = %s)
       and booked_at >= %s and booked_at < %s"""


@dataclass(frozen=True, slots=True)
class Names:
    """What zones, services (by code, content services by peer) and tariffs (by version id) are called, by language."""

    zones: Mapping[str, Mapping[str, str]]
    services: Mapping[str, Mapping[str, str]]
    tariffs: Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Statement:
    """What is shown of a line for `filters`; `entries`: a page of it (newest first) or all (a stream, oldest first)."""

    line: Line
    filters: Filters
    names: Names
    entries: Iterable[Entry]
    add_up: Callable[[], Totals]

    @cached_property
    def totals(self) -> Totals:
        """The totals of the whole filter, whatever part of it `entries` are; of a stream, ask before reading it."""
        return self.add_up()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a statement, with the positions to go on from: `newer` than the first, `older` than the last entry."""

    statement: Statement
    newer: Position | None
    older: Position | None


def page(
    *,
    line: Line,
    filters: Filters,
    zone: ZoneInfo,
    older_than: Position | None = None,
    newer_than: Position | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """Return the newest entries, or those next to a position: at most `size`, in a constant number of queries."""
    period = filters.period(zone)
    backwards = newer_than is not None
    found = _next_to(line, filters, period, newer_than or older_than, backwards=backwards, limit=size + 1)
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    newer = shown and (more if backwards else older_than is not None)
    older = shown and (more if not backwards else True)
    names, cover = _from_catalogue(line, shown)
    entries = tuple(map(cover.of_entry, shown))
    statement = Statement(line, filters, names, entries, partial(_totals, line, filters, period))
    return Page(statement, shown[0].position if newer else None, shown[-1].position if older else None)


@contextmanager
def whole(*, line: Line, filters: Filters, zone: ZoneInfo) -> Iterator[Statement]:
    """Give the statement with all entries as a stream, in flat memory; everything is of one moment."""
    period = filters.period(zone)
    with one_moment():
        few, totals = _few(line, filters, period), partial(_totals, line, filters, period)
        names, cover = _from_catalogue(line, few)
        with closing(_stream_of_records(line, filters, period)) as records:
            entries = Stream(map(cover.of_frame, in_time(records, few)))
            yield Statement(line, filters, names, entries, totals)


def _selection(line: Line, filters: Filters, period: Period) -> Selection:
    kinds = None
    if not filters.usage_types >= _ALL_BUT_ROAMING:
        kinds = [kind for kind, name in _TYPE_OF_KIND.items() if name in filters.usage_types]
    return selection(
        line_id=line.id,
        period=period,
        home_kinds=kinds,
        abroad=ROAMING in filters.usage_types,
        needles=filters.needles,
    )


def _next_to(
    line: Line, filters: Filters, period: Period, position: Position | None, *, backwards: bool, limit: int
) -> list[Entry]:
    """Return up to `limit` entries, nearest first: the newest, or those older (backwards: newer) than `position`."""
    order, beyond = ("asc", ">") if backwards else ("desc", "<")
    entries: list[Entry] = []
    with connection.cursor() as cursor:
        if filters.usage_types:
            chosen = _selection(line, filters, period)
            after, bound = _beyond(RECORD, position, beyond, ("started_at", "source_id", "record_id"))
            cursor.execute(
                f"""select record.started_at, {_RECORD_COLUMNS} from (
                      select * from ({chosen.sql}) chosen where {after}
                       order by started_at {order}, source_id {order}, record_id {order} limit %s) record
                    {_CHARGES_OF_RECORDS}""",
                [*chosen.parameters, *bound, limit, line.id, period.start, period.end],
            )
            entries += map(Entry._make, cursor.fetchall())
        for rank, (types, sql, of) in _OTHERS.items():
            if any(map(filters.wants, types)):
                after, bound = _beyond(rank, position, beyond, ("booked_at", "id"))
                cursor.execute(
                    f"{sql} and {after} order by booked_at {order}, id {order} limit %s",
                    [*of(line, filters, period), *bound, limit],
                )
                entries += map(Entry._make, cursor.fetchall())
    entries.sort(key=lambda entry: entry.position, reverse=not backwards)
    return entries[:limit]


def _beyond(rank: int, position: Position | None, sign: str, columns: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that a row of `rank` stands beyond `position`, with its parameters."""
    if position is None:
        return "true", ()
    moment = columns[0]
    if rank != position.rank:
        # At the position's own moment only the lower (backwards: the higher) ranks are still to come.
        still = "=" if (rank < position.rank) == (sign == "<") else ""
        return f"{moment} {sign}{still} %s", (position.at,)
    keys: tuple[Any, ...] = (position.source_id, position.key) if rank == RECORD else (UUID(position.key),)
    row = f"({', '.join(columns)}) {sign} ({', '.join(['%s'] * len(columns))})"
    return f"{moment} {sign}= %s and {row}", (position.at, position.at, *keys)


def _few(line: Line, filters: Filters, period: Period) -> list[Entry]:
    """Return all fees, transfers and payments: some a month, so they need no stream."""
    entries: list[Entry] = []
    with connection.cursor() as cursor:
        for types, sql, of in _OTHERS.values():
            if any(map(filters.wants, types)):
                cursor.execute(sql, of(line, filters, period))
                entries += map(Entry._make, cursor.fetchall())
    return entries


def _stream_of_records(line: Line, filters: Filters, period: Period) -> Generator[pl.DataFrame]:
    """Read frames (`ENTRIES`) while the server still reads: no object is made for a row."""
    if not filters.usage_types:
        return
    chosen = _selection(line, filters, period)
    # Rows start to flow at once when both sides come in the order of their indexes; the planner would rather sort all.
    with connection.cursor() as cursor:
        cursor.execute("set local enable_hashjoin = off; set local enable_bitmapscan = off")
    yield from frames.stream(
        f"""select {frames.moment("record.started_at")}, {_RECORD_COLUMNS}
              from ({chosen.sql}) record {_CHARGES_OF_RECORDS}
             order by record.started_at, record.source_id, record.record_id""",
        [*chosen.parameters, line.id, period.start, period.end],
        ENTRIES,
        rows=STREAM_ROWS,
    )


def _totals(line: Line, filters: Filters, period: Period) -> Totals:
    """Count usage and sum charges each by themselves: both say the number and the heading, so no join is needed."""
    counts: dict[str, int] = {}
    sums: dict[str, int] = {}
    with connection.cursor() as cursor:
        if filters.usage_types:
            chosen = _selection(line, filters, period)
            cursor.execute(
                f"select {_TYPE_OF_RECORD}, count(*) from ({chosen.sql}) record group by 1", chosen.parameters
            )
            counts |= dict(cursor.fetchall())
        if filters.usage_types or filters.wants(FEES) or filters.wants(TRANSFERS):
            cursor.execute(
                """select category, -sum(amount_minor)::bigint, count(*) filter (where record_id is null)
                     from billing_charge
                    where line_id = %s and booked_at >= %s and booked_at < %s
                      and (%s::text[] is null or peer ilike any(%s))
                    group by category""",
                [line.id, period.start, period.end, *[patterns(filters.needles) or None] * 2],
            )
            for category, total, fees in cursor.fetchall():
                name = FEES if category in FEE_CATEGORIES else category
                if filters.wants(name):
                    sums[name] = sums.get(name, 0) + total
                    counts |= {name: counts.get(name, 0) + fees} if name in (FEES, TRANSFERS) else {}
        if filters.wants(PAYMENTS):
            cursor.execute(
                f"select count(*), coalesce(sum(amount_minor), 0)::bigint from ({_PAYMENTS}) payment",
                [line.contract_id, period.start, period.end],
            )
            counts[PAYMENTS], sums[PAYMENTS] = cursor.fetchone()
    return Totals(tuple(TypeTotal(name, counts[name], sums.get(name, 0)) for name in TYPES if counts.get(name)))


def _from_catalogue(line: Line, entries: Iterable[Entry]) -> tuple[Names, Cover]:
    """Return all zones and content services and the tariffs of the fees among `entries`; what allowances cover."""
    geography = catalog.geography()
    assignments = lines.assignments([line.id])
    fees = {entry.tariff_version_id for entry in entries if entry.kind == "fee" and entry.tariff_version_id}
    versions = catalog.tariff_versions(fees.union(one.tariff_version_id for one in assignments))
    names = Names(
        zones={zone.code: zone.names for zone in geography.zones},
        services=(offers_queries.names() if any(entry.kind == "service" for entry in entries) else {})
        | (providers_queries.names() if any(entry.kind == "partner" for entry in entries) else {})
        | {peer: d.names for d in geography.destinations if d.content for peer in d.prefixes},
        tariffs={id_: version.names for id_, version in versions.items()},
    )
    assigned = [Assigned(versions[one.tariff_version_id], one.valid_from, one.valid_until) for one in assignments]
    return names, Cover(assigned, geography)


def _of_line(line: Line, filters: Filters, period: Period) -> list[Any]:
    """Return the parameters of `_FEES`: whose, when, and which of fees (false) and transfers (true) are wanted."""
    wanted = [name == TRANSFERS for name in (FEES, TRANSFERS) if filters.wants(name)]
    return [line.id, period.start, period.end, wanted]


def _of_contract(line: Line, filters: Filters, period: Period) -> list[Any]:  # noqa: ARG001 - payments are of one type
    return [line.contract_id, period.start, period.end]


# What a statement has beside usage, by rank: its types, its rows, whose they are.
_OTHERS: Mapping[int, tuple[tuple[str, ...], str, Callable[[Line, Filters, Period], list[Any]]]] = {
    FEE: ((FEES, TRANSFERS), _FEES, _of_line),
    PAYMENT: ((PAYMENTS,), _PAYMENTS, _of_contract),
}
