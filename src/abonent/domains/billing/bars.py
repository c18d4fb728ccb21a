"""What money says about serving a line, told to the network as bars: a spending limit, a fee that is not paid.

Both are read under the lock of the line's row, after whatever made it necessary. So a repeat, another order or a worker
that was killed in between change nothing; a round by the clock finds what an event was lost of.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from abonent.domains.billing import models
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind

BY = "billing"


def follow_limits(*, line_ids: Collection[int], at: datetime) -> None:
    """Bar what costs money on lines that came to a limit which is to hold it back, and on no others of these."""
    for line_id in sorted(line_ids):
        bars.follow(line_id=line_id, kind=Kind.LIMIT, stands=partial(_is_held_back, line_id), by=BY, at=at)


def follow_fees(*, line_ids: Collection[int], at: datetime) -> None:
    """Bar what goes out of lines whose fee of today is not paid, and of no others of these."""
    for line_id in sorted(line_ids):
        bars.follow(line_id=line_id, kind=Kind.UNPAID, stands=partial(_is_unpaid, line_id, at), by=BY, at=at)


def follow_all(*, at: datetime) -> None:
    """Do the same for every line where bars and money do not agree."""
    held_back = models.SpendingLimit.objects.exclude(blocked_for=None).values_list("line_id", flat=True)
    unpaid = _unpaid(at).values_list("line_id", flat=True)
    follow_limits(line_ids=set(held_back) ^ set(bars_queries.all_with(Kind.LIMIT)), at=at)
    follow_fees(line_ids=set(unpaid) ^ set(bars_queries.all_with(Kind.UNPAID)), at=at)


def follow_contracts(*, contract_ids: Collection[int], at: datetime) -> None:
    """Look at the fees of every line of these contracts that waits, or is barred."""
    line_ids = lines.of_contracts(list(contract_ids))["line_id"].to_list()
    waits = set(models.FeeWaiting.objects.filter(line_id__in=line_ids).values_list("line_id", flat=True))
    follow_fees(line_ids=waits | bars_queries.of_lines(line_ids, Kind.UNPAID), at=at)


def _is_held_back(line_id: int) -> bool:
    return models.SpendingLimit.objects.filter(line_id=line_id).exclude(blocked_for=None).exists()


def _is_unpaid(line_id: int, at: datetime) -> bool:
    return bool(_unpaid(at).filter(line_id=line_id).exists())


def _unpaid(at: datetime) -> QuerySet[models.FeeWaiting]:
    """Return the fees that wait and are for the local day of `at`: their lines are not served."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return models.FeeWaiting.objects.filter(charged_at=None, first_day__lte=today, end_day__gt=today)
