"""Of many lines, those whose fees want something done, with everything that decides about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from abonent.domains.billing.fees.money import Tariffed, Waiting
from abonent.domains.billing.fees.rules import FeeLine, Mark
from abonent.domains.billing.pauses import queries as pauses_queries
from abonent.domains.billing.pauses import rules as pauses_rules
from abonent.domains.billing.pauses.rules import Pause
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog import queries as catalog
from abonent.domains.lines import queries_bulk as lines
from abonent.foundation import frames

_MARKS = pl.Schema(
    {
        "line_id": pl.Int64(),
        "month": pl.Int32(),
        "until": pl.Date(),
        "first": pl.Date(),
        "version_id": pl.Int64(),
        "turn": pl.Int16(),
    }
)
_WAITING = pl.Schema(
    {
        "line_id": pl.Int64(),
        "contract_id": pl.Int64(),
        "waits_month": pl.Int32(),
        "since": frames.Moment,
        "first_day": pl.Date(),
        "end_day": pl.Date(),
        "amount_minor": pl.Int64(),
        "tariff_version_id": pl.Int64(),
        "by_day": pl.Boolean(),
    }
)
# How long after the end of a block its line is looked at: the run comes every hour.
BLOCKED_WITHIN = timedelta(days=40)
_LINE = ("line_id", "contract_id", "period_day", "opened_at", "closed_at", "prepaid")
_MARK = ("month", "until", "first", "version_id", "turn")


@dataclass(frozen=True)
class State:
    """Lines whose fees want something done, by id: their tariffs, marks (None: nothing charged yet), what waits."""

    lines: dict[int, Tariffed]
    marks: dict[int, Mark | None]
    waiting: dict[int, Waiting]


def load(some: pl.DataFrame, until: datetime, zone: ZoneInfo) -> State:
    """Return the state of those of the lines (`lines.queries_bulk.LINES`) that may have something to do by `until`."""
    waiting = _waiting(some["line_id"])
    known = some.join(_marks(some["line_id"]), on="line_id", how="left")
    asks = known.filter(_may_be_due(until, zone) | pl.col("line_id").is_in(list(waiting)))
    covered = known.filter(pl.col("first").is_not_null()).join(asks, on="line_id", how="anti")
    assignments = lines.assignments(pl.concat([asks["line_id"], covered["line_id"]]))
    pauses = pauses_queries.of_lines(known["line_id"].to_list())
    today = until.astimezone(zone).date()
    # What they paid by days comes back: of them it is asked anew for a while, however long the run was late.
    blocked = pauses_queries.begun(pauses, today, today - BLOCKED_WITHIN)
    goes_on = _goes_on(covered, assignments, until, zone).filter(~pl.col("line_id").is_in(blocked))
    ended = covered.join(goes_on, on="line_id", how="anti")
    wanted = pl.concat([asks, ended])
    tariffs = _tariffs(assignments.filter(pl.col("line_id").is_in(wanted["line_id"].implode())))
    return _state(wanted, tariffs, waiting, pauses)


def of_all(some: pl.DataFrame, *, blocks: bool = True) -> State:
    """Return the state of all of the lines (`lines.queries_bulk.LINES`); without `blocks` as if there were none."""
    known = some.join(_marks(some["line_id"]), on="line_id", how="left")
    pauses = pauses_queries.of_lines(known["line_id"].to_list()) if blocks else {}
    return _state(known, _tariffs(lines.assignments(some["line_id"])), _waiting(some["line_id"]), pauses)


def _state(
    wanted: pl.DataFrame,
    tariffs: dict[int, list[Assigned]],
    waiting: dict[int, Waiting],
    pauses: Mapping[int, Sequence[Pause]],
) -> State:
    zone = ZoneInfo(settings.TIME_ZONE)
    found: dict[int, Tariffed] = {}
    marks: dict[int, Mark | None] = {}
    for *line, month, settled, first, version_id, turn in _rows(wanted.select(*_LINE, *_MARK)):
        fee_line = FeeLine(*line)
        marks[fee_line.line_id] = None if month is None else Mark(month, settled, first, version_id, turn)
        assigned: Sequence[Assigned] = tariffs.get(fee_line.line_id, ())
        if own := pauses.get(fee_line.line_id):
            assigned = pauses_rules.cut(assigned, own, fee_line.day, zone)
        found[fee_line.line_id] = Tariffed(fee_line, assigned, turn or 0)
    return State(found, marks, waiting)


def _marks(line_ids: pl.Series) -> pl.DataFrame:
    return frames.load(
        """select line_id, month, until_day, from_day, tariff_version_id, turn from billing_feescharged
            where line_id between {first} and {last}""",
        _MARKS,
        first=line_ids.min(),
        last=line_ids.max(),
    )


def _waiting(line_ids: pl.Series) -> dict[int, Waiting]:
    found = frames.load(
        """select line_id, contract_id, month, since, first_day, end_day, amount_minor, tariff_version_id, by_day
             from billing_feewaiting where line_id = any ({ids}::bigint[]) and charged_at is null""",
        _WAITING,
        ids=frames.array(line_ids),
    )
    return {row[0]: Waiting(*row) for row in _rows(found)}


def _may_be_due(until: datetime, zone: ZoneInfo) -> pl.Expr:
    """Return whether the first day not settled has come: said here for many lines, by `fees.rules.due` for each."""
    following = pl.col("month") + 1
    next_start = pl.date(following // 12, following % 12 + 1, pl.col("period_day"))
    day = pl.coalesce("until", next_start, _local_day(pl.col("opened_at"), zone))
    served = pl.col("closed_at").is_null() | (_local_day(pl.col("closed_at"), zone) >= day)
    return (day <= pl.lit(until.astimezone(zone).date())) & (pl.col("opened_at") <= until) & served


def _goes_on(covered: pl.DataFrame, assignments: pl.DataFrame, until: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Return the lines that still have the tariff for which some days were paid."""
    valid_until = pl.col("valid_until")
    return (
        covered.join(assignments.drop("contract_id", "period_day"), on="line_id")
        .filter(
            (pl.col("tariff_version_id") == pl.col("version_id"))
            & (valid_until.is_null() | (valid_until > until))
            & (_local_day(pl.col("valid_from"), zone) <= pl.col("first"))
            & (pl.col("closed_at").is_null() | (pl.col("closed_at") > until))
        )
        .select("line_id")
    )


def _tariffs(assignments: pl.DataFrame) -> dict[int, list[Assigned]]:
    versions = catalog.tariff_versions(assignments["tariff_version_id"].unique())
    found: dict[int, list[Assigned]] = {}
    ordered = assignments.sort("line_id", "valid_from")
    for line_id, version_id, since, until in _rows(
        ordered.select("line_id", "tariff_version_id", "valid_from", "valid_until")
    ):
        found.setdefault(line_id, []).append(Assigned(versions[version_id], since, until))
    return found


def _rows(frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the rows with moments in Python's own UTC; those that Polars makes are slow to make and to compare."""
    columns = (
        [moment and moment.replace(tzinfo=UTC) for moment in column.dt.replace_time_zone(None).to_list()]
        if column.dtype == frames.Moment
        else column.to_list()
        for column in frame
    )
    return zip(*columns, strict=True)


def _local_day(moment: pl.Expr, zone: ZoneInfo) -> pl.Expr:
    return moment.dt.convert_time_zone(zone.key).dt.date()
