"""What is paid for rented things and by instalments: a charge a month, each once, from what the terms of a thing say.

A charge has an id that follows from the thing and the month, so a round that was broken off, or two at once, take
nothing twice. It is taken on its day whatever the balance is: the thing is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing.equipment_rules import CATEGORY, RULE_OF
from abonent.domains.billing.limits import actions as limits
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries as lines
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.equipment import rules as equipment_rules
from abonent.domains.lines.equipment.queries import Device
from abonent.domains.lines.equipment.rules import Due
from abonent.foundation import rounds

AT_ONCE = 500
PEER_LENGTH_MAX = 40


def charge_due(*, at: datetime) -> int:
    """Take what is due for all things up to now; return how many charges that were."""
    today = at.astimezone(_zone()).date()
    taken: list[bool] = []
    rounds.each(_missing(today), lambda one: taken.append(_charge(*one)))
    return sum(taken)


def _missing(today: date) -> Iterator[tuple[UUID, Device, Due]]:
    """Go through what is due and was not charged."""
    after = 0
    while some := equipment_queries.paid_for(today, after, AT_ONCE):
        after = some[-1].id
        yield from _missing_of(some, today)


def charge_of_line(*, line_id: int, at: datetime) -> int:
    """Take what is due up to now for the things of one line, as of one that was just handed out."""
    due = _missing_of(equipment_queries.of_lines([line_id]), at.astimezone(_zone()).date())
    return sum(_charge(*one) for one in due)


def _missing_of(devices: Sequence[Device], today: date) -> list[tuple[UUID, Device, Due]]:
    wanted = {
        UUID(posting.equipment_id(device.id, due.turn)): (device, due)
        for device in devices
        for due in equipment_rules.dues(device.terms, device.since, device.until, today)
        if due.amount_minor
    }
    there = set(models.Charge.objects.filter(id__in=list(wanted)).values_list("id", flat=True))
    return [(id_, *one) for id_, one in wanted.items() if id_ not in there]


@transaction.atomic
def _charge(charge_id: UUID, device: Device, due: Due) -> bool:
    """Take one charge; what is due for a line that is closed stays with the contract's debts, and is not taken here."""
    line = lines.served_by_id(device.line_id)
    if line is None:
        return False
    account = posting.accounts([line.contract_id])
    at = datetime.combine(due.day, datetime.min.time(), _zone())
    moved = ledger.post(
        transfer_id=charge_id, debit=int(account["ledger_account_id"][0]),
        credit=posting.revenue_accounts()[CATEGORY], amount_minor=due.amount_minor, booked_at=at, kind=CATEGORY,
    )  # fmt: skip
    if moved is not ledger.Posted.NOW:
        # Another round took it meanwhile, and wrote down why.
        return False
    models.Charge.objects.create(
        id=charge_id, account_id=int(account["account_id"][0]), line_id=line.id, booked_at=at,
        amount_minor=due.amount_minor, price_minor=due.amount_minor, quantity=1, included=0, billed_units=1,
        unit_size=1, tariff_version_id=line.tariff_version_id, category=CATEGORY, rule=RULE_OF[device.terms.held],
        peer=device.model[:PEER_LENGTH_MAX], first_day=due.day,
        end_day=due.day + timedelta(days=1),
    )  # fmt: skip
    limits.note_charges([line.id], at_once=False)
    return True


def coming(line_ids: Iterable[int], today: date, until: date) -> list[tuple[Device, Due]]:
    """Return what will be taken for things of these lines after today, up to `until`."""
    found = []
    for device in equipment_queries.of_lines(list(line_ids)):
        due = device.plan(today).following
        while due is not None and due.day <= until:
            found.append((device, due))
            due = equipment_rules.due(device.terms, device.since, due.turn + 1)
    return found


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
