"""Usage that is stored and charged as an import does it, and what billing made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import polars as pl
from django.db import connection, transaction

from abonent.domains.billing import actions
from abonent.domains.usage import storing
from abonent.domains.usage.rules import COLUMNS, Direction, Kind

_ids = count(1)


@dataclass(frozen=True)
class Use:
    """A record as a network writes it: a call of a minute to another network at home, unless something else is said."""

    line: str
    started_at: datetime
    kind: Kind = Kind.VOICE
    direction: Direction = Direction.OUT
    peer: str = "+79161234567"
    duration_s: int = 60
    bytes: int = 0
    units: int = 0
    zone: str = "home"
    record_id: str = ""


def march(day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of March 2026, UTC."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


def store(records: Iterable[Use], *, source: str = "test") -> int:
    """Store records as one batch and charge them, without rating anew what came late; return how many were new."""
    rows = [
        (
            u.record_id or f"r{next(_ids):06}",
            u.line,
            u.started_at,
            int(u.kind),
            int(u.direction),
            u.peer,
            u.duration_s,
            u.bytes,
            u.units,
            u.zone,
        )
        for u in records
    ]
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    return storing.store(frame, storing.source_id(source), actions.rate).stored


def use(*records: Use, source: str = "test") -> None:
    """Store, charge, and rate anew what came late."""
    store(records, source=source)
    actions.rerate_late()


CHARGE_FACTS = (
    "record_id, line_id, booked_at, amount_minor, price_minor, quantity, included, billed_units, unit_size, category,"
    " rule"
)


def charges() -> list[tuple[Any, ...]]:
    """Return every charge but its revision, in the order of records."""
    return rows(f"select {CHARGE_FACTS} from billing_charge order by line_id, booked_at, record_id")


def state() -> dict[str, Sequence[tuple[Any, ...]]]:
    """Return everything that must depend on the set of records alone."""
    return {
        "charges": charges(),
        "buckets": rows("select line_id, period_start, bucket, used, least_amount, used_until from billing_bucket"
                        " order by 1, 2, 3"),
        "balances": rows("select id, balance_minor from ledger_account where balance_minor is not null order by 1"),
        "waiting": rows("select * from billing_rerating"),
    }  # fmt: skip


def rows(sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()
