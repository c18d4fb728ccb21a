"""Another tariff for one line, ordered by its owner: from a moment on, or planned for one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from abonent.domains.lines import models
from abonent.domains.lines.events import TariffChanged
from abonent.foundation import outbox


@transaction.atomic
def replace(*, line_id: int, tariff_version_id: int, since: datetime) -> int:
    """Let the line have another tariff version from `since` on; return the version that it had until then.

    What was planned for the tariff it leaves, other prices say, does not come any more. Announces `TariffChanged`.
    """
    models.Line.objects.select_for_update(no_key=True).get(id=line_id)
    own = models.TariffAssignment.objects.filter(line_id=line_id)
    had = own.filter(valid_from__lt=since).latest("valid_from")
    own.filter(valid_from__gte=since).delete()
    had.valid_until = since
    had.save(update_fields=["valid_until"])
    models.TariffAssignment.objects.create(line_id=line_id, tariff_version_id=tariff_version_id, valid_from=since)
    outbox.announce(TariffChanged([line_id]))
    return had.tariff_version_id


def plan(*, line_id: int, at: datetime | None) -> None:
    """Say from when another tariff is ordered for the line, None: it is not, or not any more."""
    models.Line.objects.filter(id=line_id).update(tariff_changes_at=at)
