"""Reads of what lines have to use; values, not models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing import models, rules
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import Held, LeftOver, Source
from abonent.domains.billing.rating.packages import Plans
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.packages_rules import Hours
from abonent.domains.catalog.rules import ROLLS_MAX, TariffVersion
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Period

HISTORY_SHOWN = 50
KIND_ORDER = ("data", "voice", "sms")

# Rows of four columns, the first of which tells what they are.
FACTS = """
    select 'held', concat_ws(' ', held.id, held.bucket, held.source, extract(epoch from held.valid_from),
                             extract(epoch from held.valid_until), coalesce(held.hour_first, -1),
                             coalesce(held.hour_end, -1), coalesce(held.offer_version_id, 0),
                             held.renews and held.stopped_at is null),
           held.amount,
           coalesce((select sum(used) from billing_packagetaken taken where taken.bucket_id = held.id), 0)::bigint
      from billing_packagebucket held where held.line_id = %s and held.valid_until > %s
    union all
    select 'part', concat_ws(' ', part.bucket_id, part.bucket, coalesce(extract(epoch from part.period_start), 0)),
           sum(part.amount)::bigint, 0
      from billing_giftpart part
     where part.line_id = %s and (part.period_start is null or part.period_start >= %s)
     group by part.bucket_id, part.bucket, part.period_start
"""
# What rolls over asks for more: what was used of the tariff's own in the periods before, and of what went on of them.
_ROLLED = """
    select 'tariff', bucket, period_start, used from billing_bucket where line_id = %s and period_start >= %s
    union all
    select 'taken', bucket_id::text, period_start, used
      from billing_packagetaken where line_id = %s and period_start >= %s
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """A package in the history: what, when, for how long; `stopped_why` tells why it was not bought again."""

    id: UUID
    offer_version_id: int
    created_at: datetime
    valid_until: datetime
    renews: bool
    stopped_at: datetime | None
    stopped_why: str


def parameters(line: Line, period: Period) -> list[Any]:
    """Return those of `FACTS`."""
    return [line.id, period.start, line.id, period.start]


def left_overs(line: Line, now: datetime) -> tuple[LeftOver, ...]:
    """Return what is left of every bucket that holds now or later, in the order in which usage takes from them."""
    zone = ZoneInfo(settings.TIME_ZONE)
    period = rules.period_of(line.period_day, now, zone)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{FACTS} union all
                select 'bucket', bucket, used, 0 from billing_bucket where line_id = %s and period_start = %s""",
            [*parameters(line, period), line.id, period.start],
        )
        facts = cursor.fetchall()
    used = {row[1]: row[2] for row in facts if row[0] == "bucket"}
    return of_facts(line, catalog.tariff_version(line.tariff_version_id), facts, used, period, now)


def of_facts(
    line: Line,
    tariff: TariffVersion,
    facts: Iterable[tuple[Any, ...]],
    tariff_used: Mapping[str, int],
    period: Period,
    now: datetime,
) -> tuple[LeftOver, ...]:
    """Return what is left, from rows of `FACTS` and what the period used of the tariff's own by kind.

    One more query for each of two things, when the tariff lets something roll over.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    rows = list(facts)
    given, tariff_given = _parts(rows, period)
    held = [
        (_held(text, amount, given), taken) for what, text, amount, taken in (row[:4] for row in rows) if what == "held"
    ]
    found = [(one, taken) for one, taken in held if one.valid_until > now]
    if tariff.terms.rolls:
        found += _rolled(line, period, now, zone)
    ordered = packages_rules.in_order([one for one, _ in found], period, zone)
    taken_of = {one.id: taken for one, taken in found}
    own = [
        packages_rules.left_of_tariff(
            line.id, allowance, tariff_used.get(allowance.bucket, 0), tariff_given.get(allowance.bucket, 0), period
        )
        for allowance in tariff.terms.allowances
    ]
    return (*own, *(packages_rules.left_of(one, taken_of[one.id], now) for one in ordered))


def bought(line_ids: Collection[int]) -> list[Bought]:
    """Return the packages that the lines bought, newest first."""
    rows = models.PackageBucket.objects.filter(line_id__in=list(line_ids), source=Source.PACKAGE.value)
    return [
        Bought(
            row.id, row.offer_version_id or 0, row.created_at, row.valid_until, row.renews, row.stopped_at,
            row.stopped_why,
        )
        for row in rows.order_by("-created_at", "id")[:HISTORY_SHOWN]
    ]  # fmt: skip


def valid_until(bucket_id: UUID) -> datetime | None:
    """Return when a package ends; None: there is no such."""
    return models.PackageBucket.objects.filter(id=bucket_id).values_list("valid_until", flat=True).first()


def _parts(rows: list[tuple[Any, ...]], period: Period) -> tuple[dict[UUID, int], dict[str, int]]:
    """Return what went to others, by bucket, and of this period's own of the tariff by kind."""
    given: dict[UUID, int] = {}
    own: dict[str, int] = {}
    for row in rows:
        if row[0] != "part":
            continue
        bucket_id, kind, start = row[1].split(" ")
        given[UUID(bucket_id)] = row[2]
        if float(start) == period.start.timestamp():
            own[kind] = row[2]
    return given, own


def _held(text: str, amount: int | None, given: Mapping[UUID, int]) -> Held:
    id_, kind, source, since, until, hour_first, hour_end, version_id, renews = text.split(" ")
    hours = Hours(int(hour_first), int(hour_end)) if int(hour_first) >= 0 else None
    return Held(
        UUID(id_),
        kind,  # type: ignore[arg-type] # one of the kinds
        amount,
        datetime.fromtimestamp(float(since), UTC),
        datetime.fromtimestamp(float(until), UTC),
        Source(source),
        given.get(UUID(id_), 0),
        hours,
        int(version_id) or None,
        renews == "t",
    )


def _rolled(line: Line, period: Period, now: datetime, zone: ZoneInfo) -> list[tuple[Held, int]]:
    """Return what goes on of the periods before, each with what was taken of it."""
    since = packages_rules.periods_back(line.period_day, period, 2 * ROLLS_MAX, zone)[-1].start
    plans = Plans(zone, assigned={line.id: _assigned(line.id)}, days={line.id: line.period_day})
    plans.tariff_given = _tariff_given(line.id, since)
    with connection.cursor() as cursor:
        cursor.execute(_ROLLED, [line.id, since, line.id, since])
        for what, name, start, used in cursor.fetchall():
            if what == "tariff":
                plans.tariff_used[line.id, start, name] = used
            else:
                plans.used.setdefault(UUID(name), {})[start] = used
    return [
        (held, sum(plans.used.get(held.id, {}).values()))
        for kind in KIND_ORDER
        for held in plans.rolled(line.id, period, kind)
        if held.valid_until > now
    ]


def _assigned(line_id: int) -> list[Assigned]:
    return [
        Assigned(catalog.tariff_version(one.tariff_version_id), one.valid_from, one.valid_until)
        for one in sorted(lines.assignments([line_id]), key=lambda one: one.valid_from)
    ]


def _tariff_given(line_id: int, since: datetime) -> dict[tuple[int, datetime, str], int]:
    rows = models.GiftPart.objects.filter(line_id=line_id, period_start__gte=since)
    found: dict[tuple[int, datetime, str], int] = {}
    for start, kind, amount in rows.values_list("period_start", "bucket", "amount"):
        if start is not None:
            place = (line_id, start, kind)
            found[place] = found.get(place, 0) + amount
    return found
