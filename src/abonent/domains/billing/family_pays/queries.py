"""Reads of who pays for whom; values, not models. Each side sees its own agreements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Q, Sum

from abonent.domains.billing import models
from abonent.domains.billing.family_pays import rules
from abonent.domains.billing.transfers.rules import day_and_month
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity.rules import digest_of

FamilyState = models.FamilyPay.State
ENDED_SHOWN = 10


class NoSuchPay(LookupError):
    """The agreement is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Pay:
    """An agreement as it stands; `state` as in the table, `spent_minor` is what was paid this month."""

    id: UUID
    payer: int
    payer_line_id: int
    payer_number: str
    payer_name: str
    asked_by: int
    number: str
    member: int | None
    member_line_id: int | None
    member_name: str
    cap_minor: int
    threshold_minor: int
    portion_minor: int
    state: str
    ended_by: str
    asked_at: datetime
    invited_at: datetime | None
    agreed_at: datetime | None
    ended_at: datetime | None
    spent_minor: int = 0

    @property
    def bound(self) -> str:
        """Return the digest that the payer's proof is bound to: who pays, for which number, how much a month."""
        return digest_of(
            ("family", self.id, self.asked_by, self.payer, self.number, self.cap_minor, self.threshold_minor,
             self.portion_minor, "RUB")
        )  # fmt: skip


def value_of(row: models.FamilyPay, spent_minor: int = 0) -> Pay:
    """Return a row as a value."""
    return Pay(
        id=row.id,
        payer=row.payer_id,
        payer_line_id=row.payer_line_id,
        payer_number=row.payer_number,
        payer_name=row.payer_name,
        asked_by=row.asked_by,
        number=row.number,
        member=row.member_id,
        member_line_id=row.member_line_id,
        member_name=row.member_name,
        cap_minor=row.cap_minor,
        threshold_minor=row.threshold_minor,
        portion_minor=row.portion_minor,
        state=row.state,
        ended_by=row.ended_by,
        asked_at=row.asked_at,
        invited_at=row.invited_at,
        agreed_at=row.agreed_at,
        ended_at=row.ended_at,
        spent_minor=spent_minor,
    )


def asked_by(pay_id: UUID, account_id: int) -> Pay:
    """Return what the account itself asked for; raise `NoSuchPay`."""
    row = models.FamilyPay.objects.filter(id=pay_id, asked_by=account_id).first()
    if row is None:
        raise NoSuchPay
    return value_of(row)


def paid_by(contract_id: int, at: datetime) -> list[Pay]:
    """Return the contract's invitations and agreements as payer, the living first, and those that ended lately."""
    rows = models.FamilyPay.objects.filter(payer=contract_id).exclude(state=FamilyState.ASKED)
    living = list(rows.exclude(state=FamilyState.ENDED).order_by("asked_at"))
    ended = list(rows.filter(state=FamilyState.ENDED).order_by("-ended_at")[:ENDED_SHOWN])
    return _with_spent(living + ended, at)


def paid_for(contract_id: int, numbers: Collection[str], at: datetime) -> list[Pay]:
    """Return who pays for the contract, and the invitations to its mobile numbers that wait for an answer."""
    invited = Q(state=FamilyState.INVITED, number__in=numbers, invited_at__gt=at - rules.INVITED_FOR)
    rows = models.FamilyPay.objects.filter(invited | Q(state=FamilyState.ACTIVE, member=contract_id))
    return _with_spent(list(rows.exclude(payer=contract_id).order_by("asked_at")), at)


def spent_minor(pay_id: UUID, at: datetime) -> int:
    """Return what was paid under the agreement in the calendar month of `at`."""
    month = day_and_month(at, ZoneInfo(settings.TIME_ZONE))[1]
    paid = models.Transfer.objects.filter(family_id=pay_id, state=State.DONE, settled_at__gte=month.start)
    return paid.aggregate(total=Sum("amount_minor"))["total"] or 0


def kept_minor(contract_id: int, least_minor: int) -> int:
    """Return what a payer keeps, `least_minor` at least: below what others fill it up to, money would go round."""
    filled = models.FamilyPay.objects.filter(member=contract_id, state=FamilyState.ACTIVE)
    return max(least_minor, filled.aggregate(most=Max("threshold_minor"))["most"] or 0)


def _with_spent(rows: list[models.FamilyPay], at: datetime) -> list[Pay]:
    month = day_and_month(at, ZoneInfo(settings.TIME_ZONE))[1]
    paid = models.Transfer.objects.filter(
        family__in=[row.id for row in rows], state=State.DONE, settled_at__gte=month.start
    )
    spent = dict(paid.values_list("family_id").annotate(total=Sum("amount_minor")))
    return [value_of(row, spent.get(row.id, 0)) for row in rows]
