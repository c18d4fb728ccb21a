"""A family that shares a package as rows and bars. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.billing.families.handover import Offered, UnderWay
from abonent.domains.billing.families.queries import Coming, Membership, Own, Share, Taker
from abonent.domains.billing.family_pays.queries import FamilyState, Pay
from abonent.domains.billing.packages.rules import Total
from abonent.domains.billing.transfers.rules import masked
from abonent.entrypoints.portal.families import words
from abonent.entrypoints.portal.numbers.page import key
from abonent.entrypoints.portal.packages import words as packages
from abonent.web import charts
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Bar:
    """A kind of usage: `text` says how much of how much, `percent` of the bar is filled."""

    title: str
    text: str
    percent: int
    note: str = ""
    low: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A member as the owner sees it; `key` is the class of its colour."""

    id: str
    title: str
    about: str
    key: str
    pays: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who was asked and has not answered."""

    id: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """The family of one's own: what is common, who takes from it, who was asked."""

    common: list[Bar]
    members: list[Row]
    waiting: list[Waiting]
    terms: list[str]
    fee: str
    renewed: str
    service: str
    room: int
    paused: bool


@dataclass(frozen=True, slots=True)
class MemberPage:
    """The family of somebody else that one is in."""

    owner: str
    since: str
    bars: list[Bar]
    terms: list[str]
    renewed: str
    id: str


def own(found: Own, pays: Sequence[Pay], name: str, at: datetime) -> OwnPage:
    """Return the owner's page; `name` is that of the service."""
    active = {pay.number: pay for pay in pays if pay.state == FamilyState.ACTIVE}
    return OwnPage(
        common=[_common(total, found.members) for total in found.common],
        members=[_row(one, found.common, active, at) for one in found.members],
        waiting=[
            Waiting(str(one.id), _titled(one.name, one.number), words.waits(one.asked_at)) for one in found.invitations
        ],
        terms=words.terms(found.terms),
        fee=formats.money(found.version.fee_minor),
        renewed=formats.day(found.period.end),
        service=name,
        room=found.terms.members_most - len(found.members) - len(found.invitations),
        paused=found.paused,
    )


def member(found: Membership, at: datetime) -> MemberPage:
    """Return the page of a member."""
    return MemberPage(
        owner=_titled(found.owner_name, masked(found.owner_number)),
        since=words.begins(found.since, at),
        bars=[share_bar(share) for share in found.shares],
        terms=words.terms(found.terms),
        renewed=formats.day(found.period.end),
        id=str(found.id),
    )


def share_bar(share: Share) -> Bar:
    """Return what a member may still take of a kind: `12 из 40 ГБ`, and how its limit stands."""
    left = _("%(left)s of %(amount)s left") % {
        "left": packages.quantity(share.bucket, share.left),
        "amount": packages.quantity(share.bucket, share.amount),
    }
    mine = words.used(share.bucket, share.used, share.limit)
    if share.limit == 0:
        note = _("nothing of it for you, by the limit of its owner")
    elif share.limit is None:
        note = _("you used %(used)s") % {"used": mine}
    elif share.used >= share.limit:
        note = _("you used %(used)s, that is your limit") % {"used": mine}
    else:
        note = _("you used %(used)s of your limit") % {"used": mine}
    most = share.amount if share.limit is None else min(share.amount, share.limit)
    percent = 100 * share.left // share.amount if share.amount else 0
    return Bar(packages.kind(share.bucket), left, percent, note, charts.is_low(share.mine, most))


def invitation(coming: Coming) -> Mapping[str, object]:
    """Return an invitation as the one who is asked sees it."""
    return {
        "id": str(coming.id),
        "owner": _titled(coming.owner_name, masked(coming.owner_number)),
        "about": words.waits(coming.asked_at),
        "terms": words.terms(coming.terms),
    }


def offered(found: Offered, balance_minor: int | None) -> Mapping[str, str | bool]:
    """Return what a member is asked to pay for; `balance_minor` is what it has."""
    return {
        "id": str(found.id),
        "owner": _titled("", masked(found.owner_number)),
        "fee": formats.money(found.fee_minor),
        "since": formats.moment(found.takes_effect_at),
        "agreed": found.agreed,
        "shown": found.takes_effect_at.isoformat(),
        "balance": formats.money(balance_minor) if balance_minor is not None else "",
    }


def under_way(found: UnderWay, members: Sequence[Taker]) -> Mapping[str, str]:
    """Return who is to pay for the family from now on, as its owner sees it."""
    who = next((title(one) for one in members if one.id == found.member_id), "")
    about = _("pays from %(moment)s") % {"moment": formats.moment(found.takes_effect_at)} if (
        found.takes_effect_at
    ) else words.waits(found.asked_at)  # fmt: skip
    return {"id": str(found.id), "who": who, "about": about, "fee": formats.money(found.fee_minor)}


def title(taker: Taker) -> str:
    """Return what the owner calls a member."""
    return _titled(taker.name, taker.number)


def _common(total: Total, members: Sequence[Taker]) -> Bar:
    amount, left = total.amount or 0, total.left or 0
    others = sum(one.used.get(total.bucket, 0) for one in members)
    text = _("%(left)s of %(amount)s left") % {
        "left": packages.quantity(total.bucket, left),
        "amount": packages.quantity(total.bucket, amount),
    }
    note = _("the others used %(amount)s") % {"amount": packages.quantity(total.bucket, others)}
    percent = 100 * left // amount if amount else 0
    return Bar(packages.kind(total.bucket), text, percent, note, charts.is_low(left, amount))


def _row(one: Taker, common: Sequence[Total], pays: Mapping[str, Pay], at: datetime) -> Row:
    bars = []
    for total in common:
        took, limit = one.used.get(total.bucket, 0), one.limits.get(total.bucket)
        most = (total.amount or 0) if limit is None else limit
        percent = min(100, 100 * took // most) if most else 0
        text = words.used(total.bucket, took, limit)
        if limit == 0:
            text = _("nothing, by your limit")
        bars.append(Bar(packages.kind(total.bucket), text, percent, low=limit is not None and took >= limit))
    number = formats.phone(one.number) if one.name else ""
    about = " · ".join(part for part in (number, words.begins(one.since, at)) if part)
    return Row(str(one.id), one.name or formats.phone(one.number), about, key(one.colour),
               words.pays(pays.get(one.number)), bars)  # fmt: skip


def _titled(name: str, number: str) -> str:
    shown = formats.phone(number) if "·" not in number else number
    return " · ".join(part for part in (name, shown) if part)
