"""Reads of autopay; values, not models. Sums in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing import models
from abonent.domains.billing.autopay import rules as autopay_rules
from abonent.domains.billing.autopay.rules import AttemptState, State, Terms, Why

ATTEMPTS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Autopay:
    """An agreement as it stands; `account_id` made it, and alone may change it."""

    id: UUID
    contract_id: int
    line_id: int
    account_id: int
    card_id: int
    card_name: str
    terms: Terms
    state: State
    why: Why | None
    retry_at: datetime | None
    next_day: date | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment it asked for; `reason` is why none came (one of payments)."""

    id: UUID
    amount_minor: int
    state: AttemptState
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest agreement of a contract, if any; what autopay paid for it this month; its last payments."""

    autopay: Autopay | None
    spent_minor: int
    attempts: tuple[Attempt, ...]

    @property
    def is_there(self) -> bool:
        """Return whether an agreement is on or paused."""
        return self.autopay is not None and self.autopay.state is not State.STOPPED


def standing(contract_id: int, at: datetime) -> Standing:
    """Return how the contract stands to autopay, in three queries at most."""
    row = models.Autopay.objects.filter(contract_id=contract_id).order_by("-created_at", "-changed_at").first()
    if row is None:
        return Standing(None, 0, ())
    # A replaced agreement is older than what replaced it.
    rows = models.AutopayAttempt.objects.filter(contract_id=contract_id).order_by("-created_at", "-number")
    attempts = tuple(
        Attempt(one.id, one.settled_minor or one.amount_minor, AttemptState(one.state), one.reason, one.created_at)
        for one in rows.exclude(state=AttemptState.WITHDRAWN)[:ATTEMPTS_SHOWN]
    )
    return Standing(value_of(row), spent(contract_id, at)[0], attempts)


def spent(contract_id: int, at: datetime) -> tuple[int, int]:
    """Return what autopay paid for the contract in this local month, or may have, and how often today."""
    zone = ZoneInfo(settings.TIME_ZONE)
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(coalesce(settled_minor, amount_minor)), 0)::bigint,
                      count(*) filter (where created_at >= %s)
                 from billing_autopayattempt
                where contract_id = %s and state in ('asked', 'settled') and created_at >= %s""",
            [midnight, contract_id, midnight.replace(day=1)],
        )
        spent_minor, times = cursor.fetchone()
    return spent_minor, times


def value_of(row: models.Autopay) -> Autopay:
    """Return the agreement as a value."""
    return Autopay(
        id=row.id,
        contract_id=row.contract_id,
        line_id=row.line_id,
        account_id=row.account_id,
        card_id=row.card_id,
        card_name=row.card_name,
        terms=terms_of(row),
        state=State(row.state),
        why=Why(row.reason) if row.reason else None,
        retry_at=row.retry_at,
        next_day=row.next_day,
        changed_at=row.changed_at,
    )


def terms_of(row: models.Autopay) -> Terms:
    """Return what was agreed."""
    return Terms(autopay_rules.Kind(row.kind), row.threshold_minor, row.day, row.amount_minor, row.cap_minor)
