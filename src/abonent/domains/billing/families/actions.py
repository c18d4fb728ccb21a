"""Writes of families that share a package: asked, joined, limited, left, ended.

Each takes the turn of rating first: who is in a family when decides what usage costs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from abonent.domains.billing import models
from abonent.domains.billing.families import pauses as families_pauses
from abonent.domains.billing.families import queries, rules, telling
from abonent.domains.billing.families.queries import Invitation, NoSuchFamily
from abonent.domains.billing.families.rules import (
    HANDOVERS_OPEN,
    Asked,
    EndedBy,
    HandoverState,
    InvitationState,
    Refusal,
)
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.billing.rules import period_of
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.family_rules import Family
from abonent.domains.lines import queries_bulk, queries_money
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Msisdn

# What was asked counts for as long as any limit looks back.
_LOOKED_BACK = timedelta(days=30)
_BY = {EndedBy.OWNER: "pool removed", EndedBy.MEMBER: "pool left", EndedBy.STAFF: "pool removed"}


class Refused(Exception):
    """It cannot be done: why, and from when it could (None: it is not a matter of time)."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@transaction.atomic
def ask(*, form_id: UUID, line: Line, number: Msisdn, name: str, at: datetime) -> Invitation:
    """Ask a number to join the family of the line; the same form sent again is the same invitation.

    For nobody's number all of it is the same, but that nothing is sent. Raises `Refused`.
    """
    invitation_id = uuid5(form_id, f"pool|{line.id}|{number.e164}")
    rating_batch.take_turn()
    known = models.FamilyInvitation.objects.filter(id=invitation_id).first()
    if known is not None:
        return queries.invitation_of(known)
    group, terms = _own_group(line, at)
    if refusal := rules.why_not_ask(_asked(group, line, number.e164, at), terms, at):
        raise Refused(refusal)
    row = models.FamilyInvitation.objects.create(
        id=invitation_id, group=group, number=number.e164, name=name, asked_at=at
    )
    telling.invited(row, line)
    return queries.invitation_of(row)


@transaction.atomic
def agree(*, invitation_id: UUID, line: Line, at: datetime) -> datetime:
    """Make the line a member, and return from when it is one. Raises `Refused` and `NoSuchFamily`."""
    rating_batch.take_turn()
    row = _invitation(invitation_id, line.number)
    here = models.FamilyMember.objects.filter(line_id=line.id, until=None).first()
    if row.state == InvitationState.AGREED and here is not None and here.group_id == row.group_id:
        return here.since
    group = models.FamilyGroup.objects.get(id=row.group_id)
    if row.state != InvitationState.WAITING or at >= row.asked_at + rules.INVITED_FOR or group.ended_at is not None:
        raise Refused(Refusal.LATE)
    members = models.FamilyMember.objects.filter(group=group, until=None, is_owner=False).count()
    refusal = rules.why_not_join(
        queries.terms_of(group.offer_version_id),
        tariff_code=catalog.tariff_version(line.tariff_version_id).tariff_code,
        members=members,
        in_a_family=here is not None,
        blocked=line.blocked_at is not None,
    )
    if refusal:
        raise Refused(refusal)
    since = max(_begins_at(line.id, line.period_day, at), group.since)
    models.FamilyMember.objects.create(id=uuid4(), group=group, line_id=line.id, name=row.name, since=since)
    _answer(row, InvitationState.AGREED, at)
    rating_batch.rate_line_anew(line_id=line.id, period_day=line.period_day, at=since)
    telling.joined(group.pk, line, since)
    return since


@transaction.atomic
def refuse(*, invitation_id: UUID, line: Line, at: datetime) -> None:
    """Say no; said already, it stays so. Raises `Refused` when it was answered otherwise, and `NoSuchFamily`."""
    row = _invitation(invitation_id, line.number)
    if row.state == InvitationState.REFUSED:
        return
    if row.state != InvitationState.WAITING:
        raise Refused(Refusal.LATE)
    _answer(row, InvitationState.REFUSED, at)
    telling.refused(row)


@transaction.atomic
def withdraw(*, invitation_id: UUID, line: Line, at: datetime) -> None:
    """Take an invitation back; what is answered stays so. Raises `NoSuchFamily`."""
    row = models.FamilyInvitation.objects.select_for_update(no_key=True).filter(id=invitation_id).first()
    if row is None or not _owns(line.id, row.group_id):
        raise NoSuchFamily
    if row.state == InvitationState.WAITING:
        _answer(row, InvitationState.WITHDRAWN, at)


@transaction.atomic
def end(*, member_id: UUID, line_ids: Collection[int], at: datetime) -> None:
    """End a membership at once, by whichever side sees it; ended already, it stays so. Raises `NoSuchFamily`."""
    rating_batch.take_turn()
    row = models.FamilyMember.objects.filter(id=member_id, is_owner=False).first()
    if row is None:
        raise NoSuchFamily
    by = EndedBy.MEMBER if row.line_id in line_ids else EndedBy.OWNER
    if by is EndedBy.OWNER and not any(_owns(line_id, row.group_id) for line_id in line_ids):
        raise NoSuchFamily
    if row.until is None:
        _end([row], by, at)
        _rate([row], at)


@transaction.atomic
def dissolve(*, line_id: int, by: EndedBy, at: datetime) -> bool:
    """End the family of its owner, or the membership of the line, whichever it is in; return whether it was in one."""
    rating_batch.take_turn()
    row = models.FamilyMember.objects.filter(line_id=line_id, until=None).first()
    if row is None:
        return False
    rows = [row]
    if row.is_owner:
        rows = list(models.FamilyMember.objects.filter(group=row.group_id, until=None).order_by("is_owner", "id"))
        models.FamilyGroup.objects.filter(id=row.group_id).update(ended_at=at)
        families_pauses.close(group_id=row.group_id, at=at)
        models.FamilyInvitation.objects.filter(group=row.group_id, state=InvitationState.WAITING).update(
            state=InvitationState.WITHDRAWN, answered_at=at
        )
    _end(rows, by, at)
    _rate(rows, at)
    return True


@transaction.atomic
def limit(*, member_id: UUID, line: Line, limits: Mapping[str, int | None], at: datetime) -> None:
    """Let the member take so much of each kind in a period from now on; what it took stays. Raises `NoSuchFamily`."""
    rating_batch.take_turn()
    row = models.FamilyMember.objects.filter(id=member_id, is_owner=False, until=None).first()
    if row is None or not _owns(line.id, row.group_id):
        raise NoSuchFamily
    before = queries.limits_of([row.id], at).get(row.id, {})
    for bucket, amount in limits.items():
        if before.get(bucket) != amount:
            models.FamilyLimit.objects.update_or_create(
                member=row, bucket=bucket, valid_from=at, defaults={"amount": amount}
            )
    _rate([row], at)


@transaction.atomic
def call(*, member_id: UUID, line: Line, name: str, colour: str) -> None:
    """Give a member a name and a colour of the owner's. Raises `NoSuchFamily`."""
    row = models.FamilyMember.objects.filter(id=member_id, is_owner=False, until=None).first()
    if row is None or not _owns(line.id, row.group_id):
        raise NoSuchFamily
    models.FamilyMember.objects.filter(id=row.id).update(name=name, colour=colour)


def follow(*, line_ids: Iterable[int], at: datetime) -> int:
    """End the families of owners who have the service no more; return how many ended."""
    owners = models.FamilyMember.objects.filter(is_owner=True, until=None, line_id__in=list(line_ids))
    ended = 0
    for line_id in owners.order_by("line_id").values_list("line_id", flat=True):
        if queries.product_of(line_id) is None:
            ended += dissolve(line_id=line_id, by=EndedBy.NETWORK, at=at)
    return ended


def expire(*, now: datetime) -> int:
    """End invitations that nobody answered; return how many."""
    waiting = models.FamilyInvitation.objects.filter(
        state=InvitationState.WAITING, asked_at__lte=now - rules.INVITED_FOR
    )
    return waiting.update(state=InvitationState.EXPIRED, answered_at=now)


def _own_group(line: Line, at: datetime) -> tuple[models.FamilyGroup, Family]:
    """Return the family of the line and its terms; it begins with the first invitation."""
    product = queries.product_of(line.id)
    if product is None:
        raise Refused(Refusal.NO_SERVICE)
    if product.paused_at is not None:
        raise Refused(Refusal.PAUSED)
    here = models.FamilyMember.objects.filter(line_id=line.id, until=None).first()
    if here is not None and not here.is_owner:
        raise Refused(Refusal.IN_A_FAMILY)
    if here is not None:
        group = models.FamilyGroup.objects.get(id=here.group_id)
        return group, queries.terms_of(group.offer_version_id)
    since = _begins_at(line.id, line.period_day, at)
    group = models.FamilyGroup.objects.create(id=uuid4(), offer_version_id=product.offer_version_id, since=since)
    models.FamilyMember.objects.create(id=uuid4(), group=group, line_id=line.id, is_owner=True, since=since)
    return group, queries.terms_of(group.offer_version_id)


def _asked(group: models.FamilyGroup, line: Line, number: str, at: datetime) -> Asked:
    """Return what counts of what was asked before."""
    members = list(models.FamilyMember.objects.filter(group=group, until=None, is_owner=False).values_list(
        "line_id", flat=True))  # fmt: skip
    rows = list(
        models.FamilyInvitation.objects.filter(asked_at__gt=at - _LOOKED_BACK).filter(Q(group=group) | Q(number=number))
    )
    own = [row for row in rows if row.group_id == group.id]
    waiting = {row.number for row in own if row.state == InvitationState.WAITING
               and at < row.asked_at + rules.INVITED_FOR}  # fmt: skip
    found = queries_money.receiver(number)
    return Asked(
        number=number,
        own_number=line.number,
        taken=len(members) + len(waiting),
        waits=number in waiting,
        is_member=found is not None and found.line_id in members,
        sent=[row.asked_at for row in own],
        sent_to_number=[row.asked_at for row in rows if row.number == number],
        refused_at=max(
            (row.answered_at for row in own if row.number == number and row.state == InvitationState.REFUSED
             and row.answered_at is not None), default=None,
        ),
    )  # fmt: skip


def _begins_at(line_id: int, period_day: int, at: datetime) -> datetime:
    period = period_of(period_day, at, ZoneInfo(settings.TIME_ZONE))
    ended = models.FamilyMember.objects.filter(line_id=line_id, until__gt=period.start)
    return rules.begins_at(at, period, [until for until in ended.values_list("until", flat=True) if until is not None])


def _invitation(invitation_id: UUID, number: str) -> models.FamilyInvitation:
    row = models.FamilyInvitation.objects.select_for_update(no_key=True).filter(id=invitation_id, number=number).first()
    if row is None:
        raise NoSuchFamily
    return row


def _answer(row: models.FamilyInvitation, state: InvitationState, at: datetime) -> None:
    row.state, row.answered_at = state, at
    row.save(update_fields=["state", "answered_at"])


def _owns(line_id: int, group_id: UUID) -> bool:
    return models.FamilyMember.objects.filter(line_id=line_id, group=group_id, is_owner=True, until=None).exists()


def _end(rows: Collection[models.FamilyMember], by: EndedBy, at: datetime) -> None:
    """End them and tell the other side; who was to begin later never was in it, who was to pay does not."""
    models.FamilyHandover.objects.filter(member__in=rows, state__in=HANDOVERS_OPEN).update(
        state=HandoverState.WITHDRAWN, answered_at=at
    )
    for row in rows:
        row.until, row.ended_by = max(at, row.since), by
        row.save(update_fields=["until", "ended_by"])
        if not row.is_owner:
            telling.ended(row, _BY.get(by, "pool over"))


def _rate(rows: Iterable[models.FamilyMember], at: datetime) -> None:
    """Rate what began after `at` anew; usually that is nothing yet."""
    for line_id, day in sorted(queries_bulk.period_days([row.line_id for row in rows]).items()):
        rating_batch.rate_line_anew(line_id=line_id, period_day=day, at=at)
