"""Reads of numbers that nobody uses; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.idle.rules import DEFAULT, Terms
from abonent.domains.billing.promised.rules import METHOD as PROMISED
from abonent.domains.lines.bars.rules import Kind as Bar
from abonent.domains.lines.network.rules import Kind as Told
from abonent.domains.usage.rules import Direction
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

# The last sign of use of a line: its own usage but what only comes in, money paid into its contract, a new SIM or that
# the shop or the owner lifted a block. Each is one look into an index.
_LAST = """
    greatest(
        line.opened_at,
        (select started_at from usage_record
          where line_id = line.id and direction <> %(incoming)s order by started_at desc limit 1),
        (select booked_at from billing_payment
          where account_id = (select id from billing_account where contract_id = line.contract_id)
            and amount_minor > 0 and method <> %(promised)s order by booked_at desc limit 1),
        (select max(at) from lines_networkevent
          where line_id = line.id and kind = any(%(signs)s)),
        (select max(until) from lines_bar where line_id = line.id and kind = any(%(bars)s))
    )
"""
_SINCE = """
    not exists (select from usage_record
                 where line_id = line.id and started_at >= %(since)s and direction <> %(incoming)s)
    and not exists (select from billing_payment
                     where account_id = (select id from billing_account where contract_id = line.contract_id)
                       and booked_at >= %(since)s and amount_minor > 0 and method <> %(promised)s)
"""


TERMS = DatedTerms(models.IdleRules, Terms.from_json)
Rules = Dated[Terms]
# They hold when none were published.
UNPUBLISHED = Rules(date.min, DEFAULT)


@dataclass(frozen=True, slots=True)
class Idle:
    """An idle line as its owner and staff see it; see the table of the same name."""

    line_id: int
    active_on: date
    blocks_on: date
    blocked_on: date | None
    release_on: date | None


def in_force(day: date) -> Rules:
    """Return the terms of a local day."""
    return TERMS.in_force(day) or UNPUBLISHED


def every_rules() -> list[Rules]:
    """Return all terms that were published, by the day they hold from."""
    return TERMS.every()


def of_line(line_id: int) -> Idle | None:
    """Return how the line stands, None: it is in use."""
    row = models.IdleLine.objects.filter(line_id=line_id, released_at=None).first()
    return Idle(row.line_id, row.active_on, row.blocks_on, row.blocked_on, row.release_on) if row else None


def batch_end(after: int, limit: int) -> int | None:
    """Return the last id of the next `limit` lines after one, None: there are no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select max(id) from (select id from lines_line where id > %s order by id limit %s) batch", [after, limit]
        )
        return cursor.fetchone()[0]  # type: ignore[no-any-return] # an id or nothing


def known(*, after: int, limit: int) -> list[int]:
    """Return lines with ids above one that were warned and for whom that may be over, or that are blocked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select line.id from billing_idleline idle join lines_line line on line.id = idle.line_id
                 where idle.released_at is null and line.id > %(after)s
                   and (idle.blocked_on is not null or line.closed_at is not null or line.blocked_at is not null
                        or ({_LAST} at time zone %(zone)s)::date > idle.active_on
                        or exists (select from lines_bar bar
                                    where bar.line_id = line.id and bar.kind = %(wished)s and bar.until is null))
                 order by 1 limit %(limit)s""",
            {**_known(), "after": after, "limit": limit, "zone": settings.TIME_ZONE},
        )
        return [line_id for (line_id,) in cursor.fetchall()]


def idle_since(since: datetime, rules: Rules, today: date, *, after: int, until: int) -> list[int]:
    """Return the lines with ids in the span that nobody used since then.

    Lines that are blocked already, or by their owner's wish, are left out; so are those for whom, by these rules,
    nothing is due before another day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select id from (
                    select line.id, {_LAST} as used
                      from lines_line line
                     where line.id > %(after)s and line.id <= %(until)s and line.closed_at is null
                       and line.blocked_at is null and line.service = any(%(services)s) and line.opened_at < %(since)s
                       and {_SINCE}
                       and not exists (select from lines_bar bar
                                        where bar.line_id = line.id and bar.kind = %(wished)s and bar.until is null)
                       and not exists (
                           select from billing_idleline warned
                            where warned.line_id = line.id and warned.blocked_on is null
                              and warned.rules_id is not distinct from %(rules)s
                              and warned.blocks_on - %(today)s > coalesce(
                                  (select max(days) from unnest(%(warn_days)s) days where days < warned.warned_days), 0
                              ))
                ) idle where used < %(since)s order by 1""",
            {
                **_known(),
                "since": since,
                "after": after,
                "until": until,
                "services": list(rules.terms.services),
                "rules": rules.id or None,
                "today": today,
                "warn_days": list(rules.terms.warn_days),
            },
        )
        return [line_id for (line_id,) in cursor.fetchall()]


def last_use(line_id: int) -> datetime | None:
    """Return when the line was used last, None: it is served no more, or its owner has it blocked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select {_LAST} from lines_line line
                 where line.id = %(line)s and line.closed_at is null
                   and not exists (select from lines_bar bar
                                    where bar.line_id = line.id and bar.kind = %(wished)s and bar.until is null)""",
            {**_known(), "line": line_id},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _known() -> dict[str, str | int | list[str]]:
    return {
        "incoming": int(Direction.IN),
        "promised": PROMISED,
        "signs": [Told.SIM_REPLACED.value, Told.USED_AGAIN.value],
        "bars": [Bar.VOLUNTARY.value, Bar.UNUSED.value],
        "wished": Bar.VOLUNTARY.value,
    }
