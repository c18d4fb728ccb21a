"""Lines on contracts, and changes of their tariffs over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from abonent.domains.lines import models, queries
from abonent.domains.lines.actions import NewLine, open_lines
from tests.factories import catalog, customers

OPENED = datetime(2026, 1, 10, 9, tzinfo=UTC)

_numbers = count(5_000_000)


def line(
    *,
    number: str = "",
    contract_id: int | None = None,
    tariff_version_id: int | None = None,
    period_day: int = 10,
    opened_at: datetime = OPENED,
    service: str = "mobile",
    is_main: bool = True,
) -> queries.Line:
    """Open a line: Anna's main mobile one, on the small tariff, unless something else is said."""
    number = number or f"+7900{next(_numbers):07}"
    new = NewLine(
        contract_id=contract_id or customers.contract(),
        service=service,
        number=number,
        tariff_version_id=tariff_version_id or catalog.small(),
        period_day=period_day,
        opened_at=opened_at,
        is_main=is_main,
    )
    open_lines([new])
    opened = queries.served_by_number(number)
    assert opened
    return opened


def change_tariff(line: queries.Line, at: datetime, tariff_version_id: int) -> queries.Line:
    """Put the line on another tariff version from `at` on."""
    models.TariffAssignment.objects.filter(line_id=line.id, valid_until=None).update(valid_until=at)
    models.TariffAssignment.objects.create(line_id=line.id, tariff_version_id=tariff_version_id, valid_from=at)
    return replace(line, tariff_version_id=tariff_version_id)


def without_tariff(line: queries.Line, periods: Sequence[tuple[datetime, datetime]] = ()) -> None:
    """Leave the line with its tariff only in `periods`."""
    models.TariffAssignment.objects.filter(line_id=line.id).delete()
    for start, end in periods:
        models.TariffAssignment.objects.create(
            line_id=line.id, tariff_version_id=line.tariff_version_id, valid_from=start, valid_until=end
        )
