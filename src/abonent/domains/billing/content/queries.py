"""Reads of content accounts and of what subscriptions of providers cost; values, not models."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Sum

from abonent.domains.billing import models
from abonent.domains.billing.content.rules import METHOD
from abonent.domains.billing.transfers.queries import promised_minor
from abonent.domains.ledger import queries as ledger

SHOWN = 20


class NoSuchMove(LookupError):
    """The move is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The content account of a contract, and the main balance beside it; sums in minor units.

    `movable_minor` of the main balance can be moved: neither held nor lent. `since` is None when it was never on.
    """

    is_on: bool
    balance_minor: int
    main_minor: int
    movable_minor: int
    since: datetime | None

    @property
    def pays_minor(self) -> int:
        """Return what there is for the next fee."""
        return self.balance_minor if self.is_on else self.main_minor


@dataclass(frozen=True, slots=True)
class Paid:
    """What a subscription cost so far: how often it was charged, and the sum without what came back."""

    times: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class PartnerFee:
    """A fee of a subscription: why, of which account, for the days from `first` to before `end`."""

    id: UUID
    subscription_id: UUID
    provider: str
    names: Mapping[str, str]
    per: str
    from_content: bool
    amount_minor: int
    returned_minor: int
    at: datetime
    first: date
    end: date


@dataclass(frozen=True, slots=True)
class Move:
    """Money that went to the content account, or (below zero) back to the main balance."""

    id: UUID
    amount_minor: int
    at: datetime


def standing(contract_id: int) -> Standing:
    """Return how the content account stands; one that nobody ever opened is empty and off."""
    row = models.ContentAccount.objects.filter(contract_id=contract_id).first()
    main = models.Account.objects.filter(contract_id=contract_id).first()
    available = ledger.available(main.ledger_account_id) if main else 0
    lent = promised_minor(contract_id)
    return Standing(
        is_on=row.is_on if row else False,
        balance_minor=ledger.available(row.ledger_account_id) if row else 0,
        main_minor=available,
        movable_minor=max(0, available - lent),
        since=row.changed_at if row else None,
    )


def paid(subscription_ids: Collection[UUID]) -> dict[UUID, Paid]:
    """Return what each of these subscriptions cost so far, in one query; one that cost nothing is not there."""
    rows = (
        models.PartnerCharge.objects.filter(subscription_id__in=list(subscription_ids))
        .values("subscription_id")
        .annotate(times=Count("id"), sum_minor=Sum(F("amount_minor") - F("returned_minor")))
    )
    return {row["subscription_id"]: Paid(row["times"], row["sum_minor"]) for row in rows}


def fees(subscription_id: UUID, limit: int = SHOWN) -> list[PartnerFee]:
    """Return the newest fees of a subscription."""
    return _fees("partner.subscription_id = %s", subscription_id, limit)


def fee(charge_id: UUID) -> PartnerFee | None:
    """Return what a charge of a provider was for; None: the charge is of another kind, or gives days back."""
    return next(iter(_fees("partner.id = %s", charge_id, 1)), None)


def move(move_id: UUID, contract_ids: Collection[int]) -> Move:
    """Return a move of one of the contracts; raise `NoSuchMove`."""
    accounts = models.Account.objects.filter(contract_id__in=list(contract_ids)).values_list("id", flat=True)
    row = models.Payment.objects.filter(id=move_id, account_id__in=list(accounts), method=METHOD).first()
    if row is None:
        raise NoSuchMove(move_id)
    return Move(row.id, -row.amount_minor, row.booked_at)


def _fees(condition: str, whose: UUID, limit: int) -> list[PartnerFee]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select partner.id, partner.subscription_id, partner.provider, partner.names::text, partner.per,
                       partner.from_content, partner.amount_minor, partner.returned_minor, charge.booked_at,
                       charge.first_day, charge.end_day
                  from billing_partner_charge partner join billing_charge charge on charge.id = partner.id
                 where {condition} order by charge.booked_at desc, charge.id desc limit %s""",
            [whose, limit],
        )
        rows = cursor.fetchall()
    return [PartnerFee(id_, of, code, json.loads(names), *rest) for id_, of, code, names, *rest in rows]
