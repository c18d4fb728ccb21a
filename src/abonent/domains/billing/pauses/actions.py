"""The money of a block that a line's owner wants: what it means beforehand, and for fees when it begins and ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models, posting, tariffs
from abonent.domains.billing.fees import actions as fees
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees import state as fees_state
from abonent.domains.billing.fees.actions import take_turn as take_turn
from abonent.domains.billing.pauses import queries as pauses_queries
from abonent.domains.billing.pauses import rules
from abonent.domains.billing.pauses.rules import Pause, Quote
from abonent.domains.billing.products import FOR_LINE, take_for_line
from abonent.domains.catalog import queries as catalog
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.lines.queries import Line

CATEGORY = FOR_LINE


def quote(line: Line, pause: Pause) -> Quote:
    """Return what the block means for the fee of the line's tariff."""
    state = fees_state.of_all(_frame(line), blocks=False)
    tariffed, mark = state.lines[line.id], state.marks[line.id]
    return rules.quote(
        tariffed.line, mark, tariffed.assigned, pauses_queries.of_line(line.id), pause, ZoneInfo(settings.TIME_ZONE)
    )


@transaction.atomic
def begin(*, order_id: UUID, line: Line, pause: Pause, once_minor: int, at: datetime) -> None:
    """Ask for no fees on the days of the block, take what is held for it, and put right what was charged already."""
    fees.take_turn()
    account = posting.accounts([line.contract_id])
    state = fees_state.of_all(_frame(line))
    fee_line, mark = state.lines[line.id].line, state.marks[line.id]
    models.FeePause.objects.create(
        order_id=order_id,
        line_id=line.id,
        first_day=pause.first,
        end_day=pause.end,
        free_until=pause.free_until,
        day_minor=pause.day_minor,
    )
    if once_minor:
        take_for_line(order_id=order_id, line=line, once_minor=once_minor, rule=rules.ONCE_RULE, at=at)
    version = catalog.tariff_version(line.tariff_version_id)
    day = rules.settled_too_far(fee_line, mark, version, pause.first, ZoneInfo(settings.TIME_ZONE))
    if day is not None and mark is not None:
        tariffs.take_back(fee_line, version, mark, day, account, at)
    fees.charge_some(lines.of_contracts([line.contract_id]), at)


@transaction.atomic
def end(*, order_id: UUID, line: Line, ends_at: datetime, at: datetime) -> None:
    """The block ends at `ends_at`, sooner than planned; a day that began until then is the last without a fee."""
    fees.take_turn()
    row = models.FeePause.objects.filter(order_id=order_id).first()
    if row is None:
        return
    day = fees_rules.first_day_from(ends_at, ZoneInfo(settings.TIME_ZONE))
    row.end_day = max(row.first_day, min(row.end_day, day))
    row.save(update_fields=["end_day"])
    fees.charge_some(lines.of_contracts([line.contract_id]), at)


def _frame(line: Line) -> pl.DataFrame:
    found = lines.of_contracts([line.contract_id])
    return found.filter(pl.col("line_id") == line.id)
