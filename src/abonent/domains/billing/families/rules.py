"""Who may be in a family that shares a package, from when, and what may be asked of whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from abonent.domains.catalog.family_rules import Family
from abonent.domains.lines.sharing.rules import COLOURS as COLOURS
from abonent.foundation.values import Period

INVITED_FOR = timedelta(days=7)
# Whoever said no is not asked again for a while.
LEFT_ALONE_FOR = timedelta(days=14)
# An invitation costs a message; to one number they are counted whoever asks.
INVITATIONS = ((5, timedelta(days=1)), (15, timedelta(days=30)))
INVITATIONS_TO_NUMBER = ((2, timedelta(days=1)), (6, timedelta(days=30)))
TOLD_PERCENTS = (100, 80)


class InvitationState(StrEnum):
    """What became of an invitation."""

    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class EndedBy(StrEnum):
    """Who ended a membership."""

    OWNER = "owner"
    MEMBER = "member"
    STAFF = "staff"
    # The line or the service is no more.
    NETWORK = "network"
    # It goes on with the same lines, in other places.
    HANDOVER = "handover"


class HandoverState(StrEnum):
    """What became of the wish that a member pays for the family from now on."""

    WAITING = "waiting"
    AGREED = "agreed"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"


HANDOVERS_OPEN = (HandoverState.WAITING, HandoverState.AGREED)


class Refusal(StrEnum):
    """Why somebody cannot ask, or join, or become the payer."""

    NO_SERVICE = "no service"
    PAUSED = "paused"
    SELF = "self"
    FULL = "full"
    ALREADY = "already"
    LEFT_ALONE = "left alone"
    INVITATIONS = "invitations"
    IN_A_FAMILY = "in a family"
    TARIFF = "tariff"
    LATE = "late"
    BLOCKED = "blocked"
    GONE = "gone"
    POOR = "poor"
    HAS_SERVICE = "has service"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What counts when a number is asked: how many are in the group or asked to be, and what was asked before.

    `sent` and `sent_to_number` are the moments of invitations by the group and to the number; `refused_at` when the
    number said no to it last.
    """

    number: str
    own_number: str
    taken: int
    waits: bool
    is_member: bool
    sent: Sequence[datetime]
    sent_to_number: Sequence[datetime]
    refused_at: datetime | None


def why_not_ask(asked: Asked, terms: Family, at: datetime) -> Refusal | None:
    """Return why the number cannot be asked now, or None: it can. Whether it is anybody's plays no part."""
    for holds, refusal in (
        (asked.number == asked.own_number, Refusal.SELF),
        (asked.waits or asked.is_member, Refusal.ALREADY),
        (asked.taken >= terms.members_most, Refusal.FULL),
        (asked.refused_at is not None and at < asked.refused_at + LEFT_ALONE_FOR, Refusal.LEFT_ALONE),
        (
            _too_many(asked.sent, INVITATIONS, at) or _too_many(asked.sent_to_number, INVITATIONS_TO_NUMBER, at),
            Refusal.INVITATIONS,
        ),
    ):
        if holds:
            return refusal
    return None


def why_not_join(terms: Family, *, tariff_code: str, members: int, in_a_family: bool, blocked: bool) -> Refusal | None:
    """Return why a line cannot become a member now; `members` are those that there are, without the owner."""
    for holds, refusal in (
        (blocked, Refusal.BLOCKED),
        (in_a_family, Refusal.IN_A_FAMILY),
        (members >= terms.members_most, Refusal.FULL),
        (not terms.opens_to(tariff_code), Refusal.TARIFF),
    ):
        if holds:
            return refusal
    return None


@dataclass(frozen=True, slots=True)
class Heir:
    """Who is to pay for a family: a line as it stands. `available_minor` None: it pays by bill, so what it has plays
    no part."""

    is_member: bool
    blocked: bool
    has_service: bool
    available_minor: int | None


def why_not_pay(heir: Heir, *, fee_minor: int) -> Refusal | None:
    """Return why a member cannot become the payer now, or None: it can."""
    for holds, refusal in (
        (not heir.is_member, Refusal.GONE),
        (heir.blocked, Refusal.BLOCKED),
        (heir.has_service, Refusal.HAS_SERVICE),
        (heir.available_minor is not None and heir.available_minor < fee_minor, Refusal.POOR),
    ):
        if holds:
            return refusal
    return None


def member_from(at: datetime, period: Period) -> datetime:
    """Return from when who was the owner until `at`, in that period of its own, is a member."""
    return at if at <= period.start else period.end


def begins_at(at: datetime, period: Period, ended: Iterable[datetime]) -> datetime:
    """Return from when a line may be in a group; `ended` are the moments at which it left others.

    In one period of its own a line has one place in one family, so that late records find the same order of things.
    """
    return period.end if any(moment > period.start for moment in ended) else at


def told_percent(used: int, limit: int | None) -> int:
    """Return the share of the limit that is worth telling: 80, 100, or 0: nothing."""
    if not limit:
        return 0
    return next((percent for percent in TOLD_PERCENTS if used * 100 >= limit * percent), 0)


def _too_many(sent: Sequence[datetime], caps: Sequence[tuple[int, timedelta]], at: datetime) -> bool:
    return any(sum(one > at - span for one in sent) >= most for most, span in caps)
