"""Writes of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from abonent.domains.lines import models
from abonent.domains.lines.events import LinesOpened
from abonent.foundation import outbox


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to open on a contract, with the tariff version it starts on."""

    contract_id: int
    service: str
    number: str
    tariff_version_id: int
    period_day: int
    opened_at: datetime
    is_main: bool = False


@transaction.atomic
def open_lines(lines: Sequence[NewLine]) -> list[int]:
    """Store lines with their first tariff, all or none; announce `LinesOpened`; return their ids in order.

    Raises `IntegrityError` when a number is already served.
    """
    opened = models.Line.objects.bulk_create(
        [
            models.Line(
                contract_id=line.contract_id,
                service=line.service,
                number=line.number,
                is_main=line.is_main,
                period_day=line.period_day,
                opened_at=line.opened_at,
            )
            for line in lines
        ]
    )
    models.TariffAssignment.objects.bulk_create(
        [
            models.TariffAssignment(
                line=row, tariff_version_id=line.tariff_version_id, valid_from=line.opened_at
            )
            for row, line in zip(opened, lines, strict=True)
        ]
    )
    line_ids = [row.pk for row in opened]
    if line_ids:
        outbox.announce(LinesOpened(line_ids))
    return line_ids


@transaction.atomic
def give_access(*, line_id: int, account_id: int, at: datetime) -> None:
    """Record that `account_id` proved the line at `at`; a line answers to one account."""
    models.LineAccess.objects.update_or_create(
        line_id=line_id, defaults={"account_id": account_id, "proven_at": at}
    )
