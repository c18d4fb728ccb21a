"""The money of a change of the tariff: what it costs beforehand, and all that it means for fees when it is done."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing import tariffs_rules as rules
from abonent.domains.billing.fees import actions as fees
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees import state as fees_state
from abonent.domains.billing.fees import store as fees_store
from abonent.domains.billing.fees.rules import DAY, WHOLE, Fee, FeeLine, Mark
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.products import ONCE
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.rules import Category
from abonent.domains.billing.tariffs_rules import Quote
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.lines import tariffs
from abonent.domains.lines.queries import Line

CATEGORY: Category = "fee"


def quote(line: Line, version: TariffVersion, since: datetime, *, at_once: bool) -> Quote:
    """Return what it costs to change to the version, and what is charged then; `at_once`: now, on no later day."""
    state = _state(line)
    tariffed, mark = state.lines[line.id], state.marks[line.id]
    return rules.quote(tariffed.line, mark, tariffed.assigned, version, since, at_once=at_once, zone=_zone())


@transaction.atomic
def change(
    *, order_id: UUID, line: Line, version: TariffVersion, once_minor: int, since: datetime, at: datetime
) -> None:
    """Let the line have the version from `since` (not after `at`) on, take what is held for that, and put fees right.

    What was used since then is rated anew, what the old tariff asked for since then comes back, what is paid and not
    used does, too, and the new fee is charged, when it is due.
    """
    # Neither an import nor a run of fees reads one tariff and writes under the other.
    rating_batch.take_turn()
    fees.take_turn()
    account = posting.accounts([line.contract_id])
    state = _state(line)
    fee_line, mark = state.lines[line.id].line, state.marks[line.id]
    old_id = tariffs.replace(line_id=line.id, tariff_version_id=version.id or 0, since=since)
    old = catalog.tariff_version(old_id)
    rating_batch.rate_anew(line_id=line.id, period_day=line.period_day, at=since)
    if once_minor:
        _take(order_id, account, line, version, once_minor, at)
    day = rules.settled_too_far(fee_line, mark, old, since, _zone())
    if day is not None and mark is not None:
        take_back(fee_line, old, mark, day, account, at)
    fees.charge_some(lines.of_contracts([line.contract_id]), at)


def _take(
    order_id: UUID, account: pl.DataFrame, line: Line, version: TariffVersion, once_minor: int, at: datetime
) -> None:
    charge_id = posting.order_id(order_id, "charge")
    models.Charge.objects.create(
        id=charge_id,
        account_id=account["account_id"][0],
        line_id=line.id,
        booked_at=at,
        amount_minor=once_minor,
        price_minor=once_minor,
        quantity=1,
        included=0,
        billed_units=1,
        unit_size=1,
        tariff_version_id=version.id or 0,
        category=CATEGORY,
        rule=rules.CHANGE_RULE,
    )
    limits.note_charges([line.id], at_once=False)
    ledger.post_pending(transfer_id=charge_id, pending_id=posting.order_id(order_id, ONCE), booked_at=at)


def take_back(line: FeeLine, old: TariffVersion, mark: Mark, day: date, account: pl.DataFrame, at: datetime) -> None:
    """Give back whole what the old tariff was paid for from `day` on, and have those days asked for anew."""
    charged = models.Charge.objects.filter(
        line_id=line.line_id,
        category=CATEGORY,
        rule__in=(WHOLE, DAY),
        tariff_version_id=old.id or 0,
        first_day__gte=day,
    ).order_by("first_day")
    back = [
        _back(line, old, mark.turn, row, row.first_day, row.end_day, at)
        for row in charged
        if row.first_day and row.end_day
    ]
    fees_store.charge(back, account)
    month = fees_rules.month_of(line.day, day)
    fees_store.mark({line.key: Mark(month, day, turn=mark.turn + 1)})


def _back(
    line: FeeLine, version: TariffVersion, turn: int, row: models.Charge, first: date, end: date, at: datetime
) -> Fee:
    month = fees_rules.month_of(line.day, first)
    return Fee(line, month, first, end, (end - first).days, version, "fee-return", -row.amount_minor, at, turn)


def _state(line: Line) -> fees_state.State:
    found = lines.of_contracts([line.contract_id])
    return fees_state.of_all(found.filter(pl.col("line_id") == line.id))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
