"""One family of «Орбита» that shares a package since a while ago, and a number that was asked and has not answered."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from abonent.demo.people import World, number_of
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.rating import batch as rating_batch
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.lines import queries as lines
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Msisdn

GIB = 1024**3
BEGAN = timedelta(days=12)
# By the place of the number: whose package it is, who uses it, who is asked.
OWNER = 5
MEMBERS = (
    (12, "Саша", "violet", {"data": 5 * GIB, "sms": 0}),
    (16, "Бабушка", "orange", {"data": 2 * GIB, "voice": 300 * 60}),
)
ASKED = 6


def owner(world: World) -> str:
    """Return the number whose package it is; empty for an operator that is too small."""
    return number_of(OWNER) if world.subscribers > MEMBERS[-1][0] else ""


@transaction.atomic
def gather(world: World) -> None:
    """Let them be a family; the same again changes nothing."""
    line = lines.served_by_number(owner(world)) if owner(world) else None
    if line is None or families_queries.product_of(line.id) is not None:
        return
    began = world.now - BEGAN
    version = next(one for one in offers_queries.sold_on(world.now.date(), "mobile") if one.family)
    products.begin(line_id=line.id, offer_version_id=version.id or 0, at=began)
    for place, name, colour, limits in MEMBERS:
        member = lines.served_by_number(number_of(place))
        if member is not None:
            invitation = families.ask(
                form_id=_form(world, place), line=line, number=Msisdn(member.number), name=name, at=began
            )
            families.agree(invitation_id=invitation.id, line=member, at=began)
            _limit(line, member, name, colour, limits, world)
    families.ask(
        form_id=_form(world, ASKED), line=line, number=Msisdn(number_of(ASKED)), name="",
        at=world.now - timedelta(days=1),
    )  # fmt: skip
    rating_batch.rerate_late()


def _limit(owner: Line, member: Line, name: str, colour: str, limits: dict[str, int], world: World) -> None:
    """Name the member, and limit it from the beginning; what it used since is rated by that."""
    found = families_queries.own(owner, world.now)
    taker = next(one for one in found.members if one.line_id == member.id) if found else None
    if taker is not None:
        families.call(member_id=taker.id, line=owner, name=name, colour=colour)
        families.limit(member_id=taker.id, line=owner, limits=limits, at=world.now - BEGAN)
        rating_batch.rate_anew(line_id=member.id, period_day=member.period_day, at=world.now)


def _form(world: World, place: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://orbita.example/families/{world.seed}/{place}")
