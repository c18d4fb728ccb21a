"""Another payer for a family: the owner asks a member, the member agrees, it is so from the member's next period on.

Then the member's package is the common one, with the first day of a period of its own. What is left of the old one
stays with who had it: nobody's bucket moves. Each takes the turn of rating first, as all that decides who is in a
family does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models
from abonent.domains.billing import products as money
from abonent.domains.billing.families import pauses as families_pauses
from abonent.domains.billing.families import queries, rules, telling
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.queries import NoSuchFamily
from abonent.domains.billing.families.rules import HANDOVERS_OPEN, EndedBy, HandoverState, Heir, Refusal
from abonent.domains.billing.fees import actions as fees
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.rules import period_of
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.products.queries import Product
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.queries import Line


@dataclass(frozen=True, slots=True)
class Offered:
    """What a member is asked to pay for, or `agreed` to: so much a month, from that moment on. `id` is the wish's."""

    id: UUID
    owner_number: str
    fee_minor: int
    takes_effect_at: datetime
    agreed: bool


@dataclass(frozen=True, slots=True)
class UnderWay:
    """That a member is asked to pay, or agreed to from `takes_effect_at` on; `asked_at` as it says."""

    id: UUID
    member_id: UUID
    fee_minor: int
    asked_at: datetime
    takes_effect_at: datetime | None


@transaction.atomic
def ask(*, form_id: UUID, member_id: UUID, line: Line, at: datetime) -> UUID:
    """Ask a member of the line's family to pay for it; the same form again, or another wish that waits, is the same.

    Raises `Refused` and `NoSuchFamily`.
    """
    rating_batch.take_turn()
    owner = models.FamilyMember.objects.filter(line_id=line.id, is_owner=True, until=None).first()
    member = models.FamilyMember.objects.filter(id=member_id, is_owner=False, until=None).first()
    product = queries.product_of(line.id)
    if owner is None or member is None or product is None or member.group_id != owner.group_id:
        raise NoSuchFamily
    expire(now=at)
    open_ = models.FamilyHandover.objects.filter(group=owner.group_id, state__in=HANDOVERS_OPEN).first()
    if open_ is not None:
        if open_.member_id == member.id:
            return open_.id
        raise Refused(Refusal.ALREADY)
    handover_id = uuid5(form_id, f"payer|{member.id}")
    known = models.FamilyHandover.objects.filter(id=handover_id).first()
    if known is None:
        version = offers_queries.offer_versions([product.offer_version_id])[product.offer_version_id]
        known = models.FamilyHandover.objects.create(
            id=handover_id, group_id=owner.group_id, member=member, fee_minor=version.fee_minor, asked_at=at
        )
        telling.handover_asked(known)
    return known.id


def offered(line: Line, at: datetime) -> Offered | None:
    """Return what the line is asked to pay for, or agreed to and is not the payer of yet."""
    rows = models.FamilyHandover.objects.filter(member__line_id=line.id, member__until=None, state__in=HANDOVERS_OPEN)
    row = rows.first()
    owner = models.FamilyMember.objects.filter(group=row.group_id, is_owner=True, until=None).first() if row else None
    if row is None or owner is None or _is_late(row, at):
        return None
    number = queries_bulk.told([owner.line_id])[owner.line_id].line
    since = row.takes_effect_at or money.next_period(line, at)
    return Offered(row.id, number, row.fee_minor, since, row.takes_effect_at is not None)


def under_way(group_id: UUID, at: datetime) -> UnderWay | None:
    """Return the wish of a group that waits for an answer or for its day, if there is one."""
    row = models.FamilyHandover.objects.filter(group=group_id, state__in=HANDOVERS_OPEN).first()
    if row is None or _is_late(row, at):
        return None
    return UnderWay(row.id, row.member_id, row.fee_minor, row.asked_at, row.takes_effect_at)


@transaction.atomic
def agree(*, handover_id: UUID, line: Line, shown: datetime, at: datetime) -> datetime:
    """Let the line pay from its next period on, which must be as `shown`; return that moment.

    Agreed already, it stays so. Raises `Refused` and `NoSuchFamily`.
    """
    rating_batch.take_turn()
    row = _asked_of(handover_id, line)
    if row.state in (HandoverState.AGREED, HandoverState.DONE) and row.takes_effect_at is not None:
        return row.takes_effect_at
    if row.state != HandoverState.WAITING or _is_late(row, at):
        raise Refused(Refusal.LATE)
    if refusal := _why_not(row, line):
        raise Refused(refusal)
    since = money.next_period(line, at)
    if since != shown:
        raise Refused(Refusal.CHANGED)
    row.takes_effect_at = since
    _answer(row, HandoverState.AGREED, at)
    telling.handover_answered(row, "pool payer agreed")
    return since


@transaction.atomic
def refuse(*, handover_id: UUID, line: Line, at: datetime) -> None:
    """Say no, also after having agreed, until it is so. Raises `Refused` when it is too late, and `NoSuchFamily`."""
    rating_batch.take_turn()
    row = _asked_of(handover_id, line)
    if row.state == HandoverState.REFUSED:
        return
    if row.state not in HANDOVERS_OPEN:
        raise Refused(Refusal.LATE)
    _answer(row, HandoverState.REFUSED, at)
    telling.handover_answered(row, "pool payer refused")


@transaction.atomic
def withdraw(*, handover_id: UUID, line: Line, at: datetime) -> None:
    """Take the wish back, until it is so; what came to an end stays so. Raises `NoSuchFamily`."""
    rating_batch.take_turn()
    row = models.FamilyHandover.objects.filter(id=handover_id).select_related("member").first()
    owner = models.FamilyMember.objects.filter(line_id=line.id, is_owner=True, until=None).first()
    if row is None or owner is None or owner.group_id != row.group_id:
        raise NoSuchFamily
    if row.state in HANDOVERS_OPEN:
        _answer(row, HandoverState.WITHDRAWN, at)


def expire(*, now: datetime) -> int:
    """End wishes that nobody answered; return how many."""
    rows = models.FamilyHandover.objects.filter(state=HandoverState.WAITING, asked_at__lte=now - rules.INVITED_FOR)
    return rows.update(state=HandoverState.EXPIRED, answered_at=now)


def carry_out(*, now: datetime) -> int:
    """Let those pay whose day has come, each in a transaction of its own; return how many families have a new payer."""
    due = models.FamilyHandover.objects.filter(state=HandoverState.AGREED, takes_effect_at__lte=now)
    return sum(_carry_out(handover_id, now) for handover_id in due.order_by("id").values_list("id", flat=True))


@transaction.atomic
def _carry_out(handover_id: UUID, now: datetime) -> bool:
    # Fees before accounts, as every run does it.
    rating_batch.take_turn()
    fees.take_turn()
    row = models.FamilyHandover.objects.select_related("member").get(id=handover_id)
    if row.state != HandoverState.AGREED or row.takes_effect_at is None:
        return False
    line = lines.served_by_id(row.member.line_id)
    if line is not None:
        money.take_turn(line.contract_id)
    owner = models.FamilyMember.objects.filter(group=row.group_id, is_owner=True, until=None).first()
    product = queries.product_of(owner.line_id) if owner else None
    refusal = Refusal.GONE if line is None or owner is None or product is None else _why_not(row, line)
    if refusal is not None or line is None or owner is None or product is None:
        row.why = refusal or ""
        _answer(row, HandoverState.FAILED, now)
        telling.handover_failed(row)
        return False
    _move(row, owner, product, row.takes_effect_at)
    _answer(row, HandoverState.DONE, now)
    payers = [owner.line_id, line.id]
    contracts = [one.contract_id for one in map(lines.served_by_id, payers) if one is not None]
    fees.charge_some(queries_bulk.of_contracts(contracts), now)
    here = models.FamilyMember.objects.filter(group=row.group_id, until=None).order_by("-is_owner", "since", "id")
    telling.handed_over(row, here.values_list("line_id", flat=True))
    return True


def _move(row: models.FamilyHandover, owner: models.FamilyMember, product: Product, at: datetime) -> None:
    """Let the member be the owner from `at` on, with the service, and the owner a member; rate what began since."""
    days = queries_bulk.period_days([owner.line_id, row.member.line_id])
    for place in (owner, row.member):
        place.until, place.ended_by = at, EndedBy.HANDOVER
        place.save(update_fields=["until", "ended_by"])
    models.FamilyMember.objects.create(
        id=uuid4(), group_id=row.group_id, line_id=row.member.line_id, is_owner=True, since=at
    )
    period = period_of(days[owner.line_id], at, ZoneInfo(settings.TIME_ZONE))
    models.FamilyMember.objects.create(
        id=uuid4(), group_id=row.group_id, line_id=owner.line_id, since=rules.member_from(at, period)
    )
    families_pauses.close(group_id=row.group_id, at=at)
    products.end(line_id=owner.line_id, offer_code=product.offer_code, at=at)
    products.begin(line_id=row.member.line_id, offer_version_id=product.offer_version_id, at=at)
    features = offers_queries.offer_versions([product.offer_version_id])[product.offer_version_id].network
    if features:
        for line_id, on, off in ((owner.line_id, (), features), (row.member.line_id, features, ())):
            provisioning.enqueue(command_id=uuid4(), line_id=line_id, on=on, off=off, reference=None, at=at)
    for line_id, day in sorted(days.items()):
        rating_batch.rate_line_anew(line_id=line_id, period_day=day, at=at)


def _is_late(row: models.FamilyHandover, at: datetime) -> bool:
    return row.state == HandoverState.WAITING and at >= row.asked_at + rules.INVITED_FOR


def _why_not(row: models.FamilyHandover, line: Line) -> Refusal | None:
    heir = Heir(
        is_member=row.member.until is None,
        blocked=line.blocked_at is not None,
        has_service=queries.product_of(line.id) is not None,
        available_minor=money.available(line.contract_id) if line.prepaid else None,
    )
    return rules.why_not_pay(heir, fee_minor=row.fee_minor)


def _asked_of(handover_id: UUID, line: Line) -> models.FamilyHandover:
    row = models.FamilyHandover.objects.filter(id=handover_id, member__line_id=line.id).select_related("member").first()
    if row is None:
        raise NoSuchFamily
    return row


def _answer(row: models.FamilyHandover, state: HandoverState, at: datetime) -> None:
    row.state, row.answered_at = state, at
    row.save(update_fields=["state", "answered_at", "takes_effect_at", "why"])
