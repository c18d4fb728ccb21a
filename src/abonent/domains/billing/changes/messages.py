"""Owners are told by SMS, once and in advance, that other prices will hold for a line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models
from abonent.domains.billing.bills import telling as bills_telling
from abonent.domains.billing.changes import queries as changes_queries
from abonent.domains.billing.changes.queries import Change
from abonent.domains.billing.limits.messages import FROM, UNTIL
from abonent.domains.lines import queries_bulk, queries_money
from abonent.domains.messaging import actions as messaging

AT_ONCE = 200


def tell(*, at: datetime) -> int:
    """Tell everybody who is to be told, by day; return how many changes that were. Some of them are one transaction."""
    if not FROM <= at.astimezone(ZoneInfo(settings.TIME_ZONE)).time() < UNTIL:
        return 0
    told = 0
    while rows := _tell_some(at):
        told += rows
    return told


@transaction.atomic
def _tell_some(at: datetime) -> int:
    waiting = models.PriceNotice.objects.select_for_update(skip_locked=True, no_key=True).filter(told_at=None)
    rows = list(waiting.order_by("line_id", "since")[:AT_ONCE])
    if not rows:
        return 0
    coming = {
        (change.line_id, change.since): change
        for change in changes_queries.of_lines(sorted({row.line_id for row in rows}), at)
        if change.since > at
    }
    for row in rows:
        # What is not to come any more was taken back, or has come: the page tells of it.
        if change := coming.get((row.line_id, row.since)):
            _send(change)
        models.PriceNotice.objects.filter(pk=row.pk).update(told_at=at)
    return len(rows)


def _send(change: Change) -> None:
    """Tell the line, and whoever pays for it where that is somebody else."""
    [line] = queries_bulk.told([change.line_id]).values()
    contract_id = queries_money.named(change.line_id).contract_id
    params = {
        "kind": "tariff" if change.is_other_tariff else "prices",
        "number": line.line,
        "tariff": change.new.names.get(line.language, change.new.tariff_code),
        "day": change.since.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat(),
        "was": str(change.old.fee_minor),
        "fee": str(change.new.fee_minor),
    }
    for recipient in sorted({line.number, bills_telling.reached(contract_id).number} - {""}):
        messaging.send(recipient=recipient, template="prices change", params=params, language=line.language)
