"""Owners are told by SMS, once, that a line came to a part of its spending limit."""

from __future__ import annotations

from datetime import datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.bills import telling as bills_telling
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.limits.queries import Limit
from abonent.domains.lines import queries_bulk, queries_money
from abonent.domains.messaging import actions as messaging

AT_ONCE = 200
# Nobody is woken up because of a fee; who uses the line at night is awake.
FROM, UNTIL = time(9), time(21)
_TURN = 0x6C696D74


def tell(*, at: datetime) -> int:
    """Tell everybody who is to be told by `at`; return how many lines that were. Some of them are one transaction."""
    by_day = FROM <= at.astimezone(ZoneInfo(settings.TIME_ZONE)).time() < UNTIL
    told = 0
    while lines := _tell_some(at, by_day=by_day):
        told += lines
    return told


@transaction.atomic
def _tell_some(at: datetime, *, by_day: bool) -> int:
    with connection.cursor() as cursor:
        # Workers take turns: of two thresholds that wait for the morning one message is made.
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])
    waiting = models.LimitNotice.objects.filter(told_at=None)
    if not by_day:
        waiting = waiting.filter(at_once=True)
    line_ids = list(waiting.order_by("line_id").values_list("line_id", flat=True).distinct()[:AT_ONCE])
    if not line_ids:
        return 0
    states = limits_queries.standing(line_ids, at)
    # With what is told at once goes what waited for the morning: it is behind by then.
    waiting = models.LimitNotice.objects.filter(told_at=None, line_id__in=line_ids)
    rows = list(waiting.order_by("line_id", "percent"))
    for line_id, of_line in groupby(rows, key=lambda row: row.line_id):
        state = states[line_id]
        true = [row for row in of_line if _is_true(row, state)]
        if true:
            _send(state, max(row.percent for row in true))
    # What is not true any more (rated anew, another limit, another month) is told to nobody; it stays written down.
    waiting.update(told_at=at)
    return len(line_ids)


def _is_true(row: models.LimitNotice, state: Limit) -> bool:
    reached = state.terms.reached(state.month, state.spent_minor)
    return row.month == state.month and row.limit_minor == state.limit_minor and row.percent in reached


def _send(state: Limit, percent: int) -> None:
    """Tell the line, and whoever pays for it where that is somebody else."""
    [line] = queries_bulk.told([state.line_id]).values()
    contract_id = queries_money.named(state.line_id).contract_id
    params = {
        "number": line.line,
        "percent": str(percent),
        "spent": str(state.spent_minor),
        "limit": str(state.limit_minor),
        "until": limits_rules.ends_on(state.month).isoformat(),
        "on_reached": str(state.terms.on_reached),
    }
    for recipient in sorted({line.number, bills_telling.reached(contract_id).number} - {""}):
        messaging.send(recipient=recipient, template="spending limit", params=params, language=line.language)
