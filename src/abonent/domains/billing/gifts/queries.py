"""Reads of gifts; values, not models. Whoever sees a line sees what it gave and got."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from abonent.domains.billing import models, products
from abonent.domains.billing.gifts import rules
from abonent.domains.billing.gifts.rules import Giver
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.transfers import rules as transfers_rules
from abonent.domains.billing.transfers.states import State
from abonent.domains.catalog.rules import Bucket
from abonent.domains.identity.rules import digest_of
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line


class NoSuchGift(LookupError):
    """The gift is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift as it stands; `looked_up` tells whether it is known who gets it, `line_to_id` None: nobody can."""

    id: UUID
    line_from_id: int
    line_to_id: int | None
    number_from: str
    number_to: str
    name_from: str
    name_to: str
    asked_by: int | None
    bucket: Bucket
    amount: int
    fee_minor: int
    state: State
    reason: str
    asked_at: datetime
    looked_up: bool
    expires_at: datetime
    settled_at: datetime | None
    valid_until: datetime | None

    @property
    def bound(self) -> str:
        """Return the digest that a proof of this gift is bound to: who, from where, to whom, how much, the fee."""
        return digest_of(
            ("gift", self.id, self.asked_by, self.line_from_id, self.number_to, self.line_to_id, self.bucket,
             self.amount, self.fee_minor)
        )  # fmt: skip


def value_of(row: models.Gift) -> Gift:
    """Return a row as a value."""
    return Gift(
        id=row.id,
        line_from_id=row.line_from_id,
        line_to_id=row.line_to_id,
        number_from=row.number_from,
        number_to=row.number_to,
        name_from=row.name_from,
        name_to=row.name_to,
        asked_by=row.asked_by,
        bucket=row.bucket,  # type: ignore[arg-type] # one of the kinds
        amount=row.amount,
        fee_minor=row.fee_minor,
        state=State(row.state),
        reason=row.reason,
        asked_at=row.asked_at,
        looked_up=row.looked_up_at is not None,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
        valid_until=row.valid_until,
    )


def asked_by(gift_id: UUID, account_id: int) -> Gift:
    """Return a gift that the account itself asked for; raise `NoSuchGift`."""
    row = models.Gift.objects.filter(id=gift_id, asked_by=account_id).first()
    if row is None:
        raise NoSuchGift
    return value_of(row)


def seen(gift_id: UUID, line_ids: Collection[int], account_id: int) -> Gift:
    """Return a gift from or to one of the lines; raise `NoSuchGift`. The receiver sees nothing before it is done."""
    own = Q(asked_by=account_id) | Q(state=State.DONE, line_from_id__in=line_ids)
    row = models.Gift.objects.filter(own | Q(state=State.DONE, line_to_id__in=line_ids), id=gift_id).first()
    if row is None:
        raise NoSuchGift
    return value_of(row)


def history(line_ids: Collection[int], *, limit: int = rules.HISTORY_SHOWN) -> list[Gift]:
    """Return what the lines gave and got, newest first."""
    rows = models.Gift.objects.filter(
        Q(line_from_id__in=line_ids) | Q(line_to_id__in=line_ids), state=State.DONE
    ).order_by("-settled_at", "-id")
    return [value_of(row) for row in rows[:limit]]


def giver_of(account_id: int, line_id: int, at: datetime) -> tuple[Giver, Line]:
    """Return what the rules ask of who gives, and the line; raise `NoSuchGift` when the account sees no such one."""
    line = next((one for one in lines.of_account(account_id) if one.id == line_id), None)
    if line is None:
        raise NoSuchGift
    _, month = transfers_rules.day_and_month(at, ZoneInfo(settings.TIME_ZONE))
    given = models.Gift.objects.filter(line_from_id=line.id, state=State.DONE, settled_at__gte=month.start)
    giver = Giver(
        line_id=line.id,
        blocked=line.blocked_at is not None,
        left=packages_queries.left_overs(line, at),
        gifts_this_month=given.count(),
        available_minor=products.available(line.contract_id),
        prepaid=line.prepaid,
        unsettled=not rating_batch.is_settled(line.id),
        limit_left_minor=limits_queries.left_minor(line.id, at),
    )
    return giver, line
