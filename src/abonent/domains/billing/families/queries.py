"""Reads of families that share a package; values, not models. What members call or load is told to nobody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from abonent.domains.billing import models
from abonent.domains.billing.families import rules
from abonent.domains.billing.families.rules import InvitationState
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import LeftOver, Source, Total
from abonent.domains.billing.rules import period_of
from abonent.domains.billing.transfers.rules import name_hint
from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk, queries_money
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.products.queries import Product
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Period

ANSWERED_SHOWN = 5


class NoSuchFamily(LookupError):
    """It is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """That a number is asked; of the group it belongs to."""

    id: UUID
    group_id: UUID
    number: str
    name: str
    asked_at: datetime
    state: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Coming:
    """An invitation as the one who is asked sees it: who asks, and the terms."""

    id: UUID
    owner_number: str
    owner_name: str
    asked_at: datetime
    terms: Family


@dataclass(frozen=True, slots=True)
class Taker:
    """A member as the owner sees it: `used` and `limits` (None: as much as there is) by kind, of this period."""

    id: UUID
    line_id: int
    number: str
    name: str
    colour: str
    since: datetime
    used: Mapping[str, int]
    limits: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Own:
    """The family of a line as its owner. `common` is what there is of each kind that is shared, `used` by kind what
    others took of it in the `period`. `version` is the service; `group_id` None: nobody was asked yet."""

    version: OfferVersion
    terms: Family
    group_id: UUID | None
    period: Period
    common: tuple[Total, ...]
    members: tuple[Taker, ...]
    invitations: tuple[Invitation, ...]
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What a member may take of a kind: `left` in the package of the family, `used` by itself, `limit` (None: none)."""

    bucket: str
    amount: int
    left: int
    used: int
    limit: int | None

    @property
    def mine(self) -> int:
        """Return how much of what is left is open to the member."""
        return self.left if self.limit is None else min(self.left, max(0, self.limit - self.used))


@dataclass(frozen=True, slots=True)
class Membership:
    """The family of somebody else that a line is in, from `since`; `shares` are those of the owner's period."""

    id: UUID
    owner_line_id: int
    owner_number: str
    owner_name: str
    since: datetime
    period: Period
    terms: Family
    shares: tuple[Share, ...]


def invitation_of(row: models.FamilyInvitation) -> Invitation:
    """Return the value of a row."""
    return Invitation(row.id, row.group_id, row.number, row.name, row.asked_at, row.state, row.answered_at)


def terms_of(offer_version_id: int) -> Family:
    """Return the terms of a version of the service; raise `ValueError` when it is another service."""
    version = offers_queries.offer_versions([offer_version_id])[offer_version_id]
    if version.family is None:
        raise ValueError(f"{version.code} is no service for families")
    return version.family


def product_of(line_id: int) -> Product | None:
    """Return the service by which the line may have a family, if it has it."""
    here = products_queries.of_line(line_id)
    versions = offers_queries.offer_versions({one.offer_version_id for one in here})
    return next((one for one in here if versions[one.offer_version_id].family is not None), None)


def own(line: Line, at: datetime) -> Own | None:
    """Return the family of the line as its owner, None: it has not that service."""
    product = product_of(line.id)
    if product is None:
        return None
    version = offers_queries.offer_versions([product.offer_version_id])[product.offer_version_id]
    row = models.FamilyMember.objects.filter(line_id=line.id, is_owner=True, until=None).first()
    period = _period(line.period_day, at)
    common = _common(packages_queries.left_overs(line, at))
    members = _takers(row.group_id, period, at) if row else ()
    asked = _invitations(row.group_id, at) if row else ()
    return Own(
        version,
        terms_of(product.offer_version_id),
        row.group_id if row else None,
        period,
        common,
        members,
        asked,
        product.paused_at is not None,
    )


def membership(line: Line, at: datetime) -> Membership | None:
    """Return the family of somebody else that the line is in, None: it is in none."""
    row = (
        models.FamilyMember.objects.filter(line_id=line.id, is_owner=False, until=None).select_related("group").first()
    )
    if row is None:
        return None
    owner = models.FamilyMember.objects.filter(group=row.group_id, is_owner=True, until=None).first()
    found = lines.served_by_id(owner.line_id) if owner else None
    if found is None:
        return None
    period = _period(found.period_day, at)
    used = _used([row.id], period).get(row.id, {})
    limits = limits_of([row.id], at).get(row.id, {})
    shares = tuple(
        Share(one.bucket, one.amount or 0, one.left or 0, used.get(one.bucket, 0), limits.get(one.bucket))
        for one in _common(packages_queries.left_overs(found, at))
    )
    named = queries_money.named(found.id)
    name = name_hint(named.given_name, named.family_name)
    return Membership(
        row.id, found.id, found.number, name, row.since, period, terms_of(row.group.offer_version_id),
        shares,
    )  # fmt: skip


def coming(numbers: Collection[str], at: datetime) -> list[Coming]:
    """Return the invitations to the numbers that wait for an answer."""
    rows = models.FamilyInvitation.objects.filter(
        number__in=list(numbers), state=InvitationState.WAITING, asked_at__gt=at - rules.INVITED_FOR,
        group__ended_at=None,
    ).select_related("group").order_by("asked_at", "id")  # fmt: skip
    found = []
    for row in rows:
        owner = models.FamilyMember.objects.get(group=row.group_id, is_owner=True, until=None)
        named = queries_money.named(owner.line_id)
        name = name_hint(named.given_name, named.family_name)
        found.append(Coming(row.id, named.number, name, row.asked_at, terms_of(row.group.offer_version_id)))
    return found


def family_of(line_id: int) -> list[tuple[int, bool, datetime]]:
    """Return who is in the family of the line, the owner first: the line, whether it is the owner, and since when."""
    row = models.FamilyMember.objects.filter(line_id=line_id, until=None).first()
    if row is None:
        return []
    rows = models.FamilyMember.objects.filter(group=row.group_id, until=None).order_by("-is_owner", "since", "id")
    return list(rows.values_list("line_id", "is_owner", "since"))


def limits_of(member_ids: Collection[UUID], at: datetime) -> dict[UUID, dict[str, int | None]]:
    """Return the limits of members that hold now, by kind; where nothing stands there is none."""
    rows = models.FamilyLimit.objects.filter(member__in=list(member_ids), valid_from__lte=at).order_by("valid_from")
    found: dict[UUID, dict[str, int | None]] = {}
    for member_id, bucket, amount in rows.values_list("member", "bucket", "amount"):
        found.setdefault(member_id, {})[bucket] = amount
    return found


def _common(left: tuple[LeftOver, ...]) -> tuple[Total, ...]:
    """Return what is shared of what a line has: neither what is without limit nor what was given."""
    shared = [one for one in left if one.amount is not None and one.source is not Source.GIFT]
    totals = (packages_rules.total(shared, kind) for kind in packages_queries.KIND_ORDER)
    return tuple(one for one in totals if one is not None and one.amount)


def _takers(group_id: UUID, period: Period, at: datetime) -> tuple[Taker, ...]:
    rows = list(models.FamilyMember.objects.filter(group=group_id, is_owner=False, until=None).order_by("since", "id"))
    ids = [row.id for row in rows]
    named = queries_bulk.told([row.line_id for row in rows])
    used, limits = _used(ids, period), limits_of(ids, at)
    return tuple(
        Taker(
            row.id, row.line_id, named[row.line_id].line, row.name, row.colour, row.since, used.get(row.id, {}),
            limits.get(row.id, {}),
        )
        for row in rows
    )  # fmt: skip


def _used(member_ids: Collection[UUID], period: Period) -> dict[UUID, dict[str, int]]:
    rows = models.FamilyTaken.objects.filter(member_id__in=list(member_ids), period_start=period.start)
    found: dict[UUID, dict[str, int]] = {}
    for member_id, bucket, used in rows.values_list("member_id", "bucket", "used"):
        found.setdefault(member_id, {})[bucket] = used
    return found


def _invitations(group_id: UUID, at: datetime) -> tuple[Invitation, ...]:
    rows = models.FamilyInvitation.objects.filter(group=group_id)
    waiting = rows.filter(state=InvitationState.WAITING, asked_at__gt=at - rules.INVITED_FOR).order_by("asked_at", "id")
    return tuple(invitation_of(row) for row in waiting)


def _period(day: int, at: datetime) -> Period:
    return period_of(day, at, ZoneInfo(settings.TIME_ZONE))
