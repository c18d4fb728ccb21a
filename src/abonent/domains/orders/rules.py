"""Whether something may be ordered for a line, and if not, why and what to do first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from abonent.domains.catalog.offers.rules import OfferVersion, conflicting


class Action(StrEnum):
    """What is done with a service; or what is changed of the line itself, by its owner's wish."""

    CONNECT = "connect"
    DISCONNECT = "disconnect"
    TARIFF = "tariff"
    BLOCK = "block"
    SIM = "sim"
    NUMBER = "number"


# What is done with a service, and is told apart by its code.
OF_SERVICES = (Action.CONNECT, Action.DISCONNECT)
# What is done with the line itself, on no version of anything.
OF_LINES = (Action.BLOCK, Action.SIM, Action.NUMBER)


def seen_as(role: str) -> tuple[Action, ...]:
    """Return the actions whose orders one sees and undoes who has the line in the role; empty: it is one's own.

    The line itself is changed by its owner alone, whatever was shared of it.
    """
    return tuple(action for action in Action if not role or action not in OF_LINES)


def of_service(said: str) -> Action:
    """Return what a form wants done with a service; raise `ValueError` for anything else."""
    action = Action(said)
    if action not in OF_SERVICES:
        raise ValueError(said)
    return action


class Why(StrEnum):
    """Why something cannot be ordered now."""

    NO_NETWORK = "no network"
    BLOCKED = "blocked"
    NOT_SOLD = "not sold"
    NOT_FOR_LINE = "not for this line"
    REGION = "region"
    HAS_ALREADY = "has already"
    HAS_NOT = "has not"
    ON_THE_WAY = "on the way"
    CONFLICTS = "conflicts"
    NEEDS = "needs"
    NEEDED_BY = "needed by"
    SHORT = "short"
    LIMIT = "limit"
    PERSONAL = "personal"
    PAID_WHOLE = "paid whole"
    NO_USE = "no use"
    UNLIMITED = "unlimited"
    CHANGED = "changed"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and with which other services it has to do; `missing_minor` of money, if it is that.

    `left_minor` is what the owner's spending limit leaves of the month, if that is in the way.
    """

    why: Why
    codes: tuple[str, ...] = ()
    missing_minor: int = 0
    left_minor: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line is and has, by codes of offers: `has` now, `coming` and `going` by orders that have no end yet.

    An order may fail or be undone: what is going is there until it is gone, what is coming is not there yet.
    """

    service: str
    region: str
    blocked: bool
    network: bool
    has: Mapping[str, OfferVersion] = field(default_factory=dict)
    coming: Mapping[str, OfferVersion] = field(default_factory=dict)
    going: frozenset[str] = frozenset()
    # Kinds of buckets that usage of the line takes from, and of them those of which its tariff has no end.
    buckets: frozenset[str] = frozenset()
    unlimited: frozenset[str] = frozenset()

    @property
    def on_the_way(self) -> frozenset[str]:
        return self.going | self.coming.keys()


def refused(action: Action, version: OfferVersion, facts: Facts, today: date) -> Refusal | None:
    """Return why it cannot be ordered, money aside, None when it can."""
    if not facts.network:
        return Refusal(Why.NO_NETWORK)
    if version.code in facts.on_the_way:
        return Refusal(Why.ON_THE_WAY)
    if action is Action.DISCONNECT:
        return _not_disconnected(version, facts)
    return _not_sold(version, facts, today) or _not_connected(version, facts)


def _not_sold(version: OfferVersion, facts: Facts, today: date) -> Refusal | None:
    if version.code in facts.has:
        return Refusal(Why.HAS_ALREADY)
    if facts.blocked:
        return Refusal(Why.BLOCKED)
    if not version.sold_on(today):
        return Refusal(Why.NOT_SOLD)
    if facts.service not in version.services:
        return Refusal(Why.NOT_FOR_LINE)
    if version.regions and facts.region not in version.regions:
        return Refusal(Why.REGION)
    if version.package and version.package.bucket in facts.unlimited:
        return Refusal(Why.UNLIMITED)
    if version.package and version.package.bucket not in facts.buckets:
        return Refusal(Why.NO_USE)
    return None


def _not_connected(version: OfferVersion, facts: Facts) -> Refusal | None:
    others = {**facts.has, **facts.coming}
    against = tuple(sorted(code for code, other in others.items() if conflicting(version, other)))
    if against:
        return Refusal(Why.CONFLICTS, against)
    missing = tuple(sorted(code for code in version.requires if code not in facts.has or code in facts.going))
    return Refusal(Why.NEEDS, missing) if missing else None


def _not_disconnected(version: OfferVersion, facts: Facts) -> Refusal | None:
    if version.code not in facts.has:
        return Refusal(Why.HAS_NOT)
    others = {**facts.has, **facts.coming}
    needing = tuple(sorted(code for code, other in others.items() if version.code in other.requires))
    return Refusal(Why.NEEDED_BY, needing) if needing else None


def switched(action: Action, version: OfferVersion, others: Mapping[str, OfferVersion]) -> tuple[set[str], set[str]]:
    """Return which features the network switches on and off; what another service of the line needs, too, stays on."""
    if action is Action.CONNECT:
        return set(version.network), set()
    kept = {feature for code, other in others.items() if code != version.code for feature in other.network}
    return set(), set(version.network) - kept
