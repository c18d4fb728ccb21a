"""Families that share a package, as if they had long been there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from abonent.domains.billing import models
from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines.queries import Line
from tests.factories import offers

CODE = "family-group"


def on_sale(*, common_first: bool = False, members_most: int = 3, **known: object) -> OfferVersion:
    """Return the service as it is sold: 100 roubles a month, unless `known` says otherwise."""
    terms = Family(members_most, common_first, known.pop("tariffs", ()))  # type: ignore[arg-type]
    return offers.offer(CODE, **{"fee_minor": 10_000, "network": (), "family": terms, **known})


def load(*, common_first: bool = False, members_most: int = 3) -> int:
    """Put the service on sale beside others, and return the id of its version."""
    return offers.load(on_sale(common_first=common_first, members_most=members_most))[CODE]


def group(owner: Line, offer_version_id: int, since: datetime) -> UUID:
    """Let the line have a family."""
    family = models.FamilyGroup.objects.create(id=uuid4(), offer_version_id=offer_version_id, since=since)
    models.FamilyMember.objects.create(id=uuid4(), group=family, line_id=owner.id, is_owner=True, since=since)
    return family.id


def member(
    group_id: UUID,
    line: Line,
    since: datetime,
    until: datetime | None = None,
    limits: Mapping[tuple[str, datetime], int | None] | None = None,
) -> UUID:
    """Let the line be a member; `limits` by kind and day."""
    row = models.FamilyMember.objects.create(
        id=uuid4(), group_id=group_id, line_id=line.id, since=since, until=until, ended_by="member" if until else ""
    )
    for (bucket, valid_from), amount in (limits or {}).items():
        models.FamilyLimit.objects.create(member=row, bucket=bucket, amount=amount, valid_from=valid_from)
    return row.id


def owned_by(group_id: UUID, before: Line, after: Line, since: datetime, again: datetime) -> None:
    """Let another line be the owner from `since` on, and the one before a member from `again` on."""
    models.FamilyMember.objects.filter(group_id=group_id, line_id=before.id, is_owner=True).update(
        until=since, ended_by="handover"
    )
    models.FamilyMember.objects.create(id=uuid4(), group_id=group_id, line_id=after.id, is_owner=True, since=since)
    member(group_id, before, again)
