"""Spending limits: wanted, raised, taken back, and looked at when something was charged.

What a limit holds back is kept as a state of its row, and announced when it changes, for whoever switches services of
the line. Purchases ask for the sum itself (`limits.queries.left_minor`), so that none slips in before the state is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.events import LimitedLinesCharged, SpendingLimitLifted, SpendingLimitReached
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.limits.rules import OnReached, Terms
from abonent.foundation import outbox

AT_ONCE = 500
# Who used the line within that time is awake; what the network tells of later waits for the morning.
LATELY = timedelta(hours=1)


class Changed(Exception):
    """The limit is another by now than the form showed: nothing was changed."""


def set_limit(*, line_id: int, version: int, amount_minor: int, on_reached: OnReached, at: datetime) -> None:
    """Let the line cost so much in each month; a raise of this month ends. Raises `Changed`, `limits.rules.Refused`."""
    limits_rules.check_sum(amount_minor)
    _change(line_id, version, at, lambda _terms, _spent: Terms(amount_minor, on_reached))


def remove(*, line_id: int, version: int, at: datetime) -> None:
    """Let the line cost whatever it costs. Raises `Changed`."""
    _change(line_id, version, at, lambda terms, _spent: Terms(on_reached=terms.on_reached))


def raise_for_month(*, line_id: int, version: int, month: date, to_minor: int, at: datetime) -> None:
    """Let the line cost more in `month`, and as before afterwards.

    Raises `Changed`, also when another month has begun, and `limits.rules.Refused`.
    """
    if month != limits_rules.month_of(at, _zone()):
        raise Changed
    wanted = Terms(raised_for=month, raised_minor=to_minor)

    def raised(terms: Terms, spent_minor: int) -> Terms:
        if terms.amount_minor is None:
            raise Changed
        if (terms.raised_for, terms.raised_minor) == (wanted.raised_for, wanted.raised_minor):
            return terms
        return terms.raised(month, to_minor, spent_minor)

    _change(line_id, version, at, raised)


@transaction.atomic
def undo(*, line_id: int, version: int, at: datetime) -> None:
    """Go back to the terms before the last change, once. Raises `Changed` when that is over."""
    row = _locked(line_id)
    before = limits_queries.undoable(row, at) if row is not None and row.version == version else None
    if row is None or before is None:
        raise Changed
    _write(row, before, None, at)


def look(*, line_ids: Iterable[int], at: datetime, at_once: bool) -> None:
    """See whether the lines came to a threshold or back, and write down what is to be told; each by itself.

    `at_once`: they were charged for use, so that whoever used the line lately may be told at any hour.
    """
    for line_id in sorted(line_ids):
        with transaction.atomic():
            row = _locked(line_id)
            if row is not None:
                _settle(row, _spent(line_id, at), at, at_once=at_once and _was_used(line_id, at))


def look_at_all(*, at: datetime) -> None:
    """Do the same for every line with a limit: a new month has begun, or a worker died before it looked."""
    after = 0
    while some := _some(after):
        states = limits_queries.standing([row.line_id for row in some], at)
        month = limits_rules.month_of(at, _zone())
        told = {
            (line_id, percent, limit)
            for line_id, percent, limit in models.LimitNotice.objects.filter(
                line_id__in=list(states), month=month
            ).values_list("line_id", "percent", "limit_minor")
        }
        asking = [row.line_id for row in some if _wants_something(row, states[row.line_id], told)]
        look(line_ids=asking, at=at, at_once=False)
        after = some[-1].line_id


def note_charges(line_ids: Iterable[int], *, at_once: bool = True) -> None:
    """Have a worker look at those of the lines that have a limit, when this transaction, which charged them, is done.

    `at_once`: for use, not for a fee.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select line_id from billing_spendinglimit
                where line_id = any(%s) and (amount_minor is not null or blocked_for is not null) order by 1""",
            [list(line_ids)],
        )
        limited = [line_id for (line_id,) in cursor.fetchall()]
    for first in range(0, len(limited), AT_ONCE):
        outbox.announce(LimitedLinesCharged(limited[first : first + AT_ONCE], at_once))


@transaction.atomic
def _change(line_id: int, version: int, at: datetime, wanted: Callable[[Terms, int], Terms]) -> None:
    """Replace the terms that the form showed; what stands so already stays: a form may come twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_spendinglimit (line_id, on_reached, version, changed_at) values (%s, 'tell', 0, %s)
               on conflict (line_id) do nothing""",
            [line_id, at],
        )
    row = _locked(line_id)
    if row is None:
        raise LookupError(line_id)
    terms = limits_queries.terms_of(row)
    following = wanted(terms, _spent(line_id, at))
    if following == terms:
        return
    if row.version != version:
        raise Changed
    _write(row, following, terms, at)


def _write(row: models.SpendingLimit, terms: Terms, before: Terms | None, at: datetime) -> None:
    row.amount_minor, row.on_reached = terms.amount_minor, terms.on_reached
    row.raised_for, row.raised_minor = terms.raised_for, terms.raised_minor
    row.before = before.to_json() if before else None
    row.version, row.changed_at = row.version + 1, at
    row.save()
    # Whoever changes it reads on the page how it stands: thresholds that are behind already are not told again.
    _settle(row, _spent(row.line_id, at), at, at_once=False, told=True)


def _settle(row: models.SpendingLimit, spent_minor: int, at: datetime, *, at_once: bool, told: bool = False) -> None:
    """Bring what is held back, and what is to be told, of a locked row to what was spent in this month."""
    month, terms = limits_rules.month_of(at, _zone()), limits_queries.terms_of(row)
    held = month if terms.blocks(month, spent_minor) else None
    if held != row.blocked_for:
        if held is None:
            outbox.announce(SpendingLimitLifted(row.line_id))
        elif row.blocked_for is None:
            outbox.announce(SpendingLimitReached(row.line_id, month.isoformat()))
        row.blocked_for = held
        row.save(update_fields=["blocked_for"])
    reached = terms.reached(month, spent_minor)
    models.LimitNotice.objects.bulk_create(
        [
            models.LimitNotice(
                line_id=row.line_id,
                month=month,
                percent=percent,
                limit_minor=terms.in_force(month) or 0,
                at_once=at_once,
                reached_at=at,
                # Who came to both at once is told of the higher one.
                told_at=at if told or percent != reached[-1] else None,
            )
            for percent in reached
        ],
        ignore_conflicts=True,
    )


def _wants_something(row: models.SpendingLimit, state: limits_queries.Limit, told: set[tuple[int, int, int]]) -> bool:
    held = state.month if state.terms.blocks(state.month, state.spent_minor) else None
    reached = state.terms.reached(state.month, state.spent_minor)
    return held != row.blocked_for or any((row.line_id, one, state.limit_minor) not in told for one in reached)


def _some(after: int) -> list[models.SpendingLimit]:
    rows = models.SpendingLimit.objects.filter(line_id__gt=after).order_by("line_id")
    return list(rows.exclude(amount_minor=None, blocked_for=None)[:AT_ONCE])


def _locked(line_id: int) -> models.SpendingLimit | None:
    return models.SpendingLimit.objects.select_for_update(no_key=True).filter(line_id=line_id).first()


def _spent(line_id: int, at: datetime) -> int:
    zone = _zone()
    month = limits_rules.period(limits_rules.month_of(at, zone), zone)
    return limits_queries.spent([line_id], month)[line_id]


def _was_used(line_id: int, at: datetime) -> bool:
    return models.Charge.objects.filter(line_id=line_id, booked_at__gt=at - LATELY, booked_at__lte=at).exists()


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
