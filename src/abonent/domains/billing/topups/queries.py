"""Top-ups that people began, as they stand on our side; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.billing import models
from abonent.domains.billing.topups.rules import DECLINED, SAME_WITHIN

# What people pay in for themselves or others, and what their card pays in: only this can go back to where it came from.
PURPOSES = ("top-up", "autopay")


class NoSuchTopUp(LookupError):
    """The top-up is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A top-up as its payer wanted it; `own_line_id` is None when it is for somebody else's `number`.

    `is_astray`: nobody is served by the number. Only once it is paid may anybody see that.

    `amount_minor` is what was asked for; what came of it payments know.
    """

    id: UUID
    contract_id: int
    number: str
    own_line_id: int | None
    is_astray: bool
    amount_minor: int
    method: str
    card_id: int | None
    save_card: bool
    created_at: datetime


def begun(*, topup_id: UUID, payer_id: int) -> Begun:
    """Return the top-up that the payer began; raise `NoSuchTopUp`."""
    row = models.TopUp.objects.filter(id=topup_id, payer_id=payer_id).first()
    if row is None:
        raise NoSuchTopUp(topup_id)
    own = row.line_id if row.is_own else None
    sums = (row.amount_minor, row.method, row.card_id, row.save_card)
    return Begun(row.id, row.contract_id, row.number, own, row.line_id is None, *sums, row.created_at)


def same_before(*, payer_id: int, number: str, amount_minor: int, at: datetime) -> UUID | None:
    """Return the newest top-up of that sum for that number that the payer began lately and that was not declined."""
    found = models.TopUp.objects.filter(
        payer_id=payer_id, number=number, amount_minor=amount_minor, created_at__gt=at - SAME_WITHIN
    ).exclude(outcome=DECLINED)
    return found.order_by("-created_at").values_list("id", flat=True).first()


def usual_card(payer_id: int) -> int | None:
    """Return the saved card that is offered first, if one was chosen."""
    return models.UsualCard.objects.filter(payer_id=payer_id).values_list("card_id", flat=True).first()
