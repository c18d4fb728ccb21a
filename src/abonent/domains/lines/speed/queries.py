"""Results of measurements; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from abonent.domains.lines import models
from abonent.domains.lines.speed.rules import Speeds

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured when, on which line, beside what its tariff promised; `own`: it stands in a history."""

    id: UUID
    at: datetime
    line_id: int | None
    promised_kbps: int
    speeds: Speeds
    own: bool


def result(test_id: UUID, account_id: int | None) -> Result | None:
    """Return a result of the account, or of nobody: then whoever knows its id may see it."""
    rows = models.SpeedTest.objects.filter(Q(account=None) | Q(account_id=account_id), id=test_id)
    row = rows.exclude(down_kbps=None).first()
    return _value(row) if row is not None else None


def history(account_id: int) -> list[Result]:
    """Return the latest results of the account."""
    rows = models.SpeedTest.objects.filter(account_id=account_id).exclude(down_kbps=None)
    return [_value(row) for row in rows.order_by("-started_at", "id")[:SHOWN]]


def _value(row: models.SpeedTest) -> Result:
    measured = (row.down_kbps, row.up_kbps, row.latency_us, row.jitter_us)
    down, up, latency, jitter = (one or 0 for one in measured)
    return Result(
        row.id, row.started_at, row.line_id, row.promised_kbps, Speeds(down, up, latency, jitter),
        own=row.account_id is not None,
    )  # fmt: skip
