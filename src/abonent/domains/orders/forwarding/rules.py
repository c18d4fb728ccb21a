"""Whether calls of a line may go to a number, and when they begin to. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType as Type

from abonent.foundation.values import Msisdn

# As long as somebody may stop it, when calls are to go to a number that was never called from the line.
WAIT = timedelta(minutes=10)
# What the network calls the feature, before the condition; `:` and the number come after it.
FEATURE = "forward-"
# Features of services that have to do with calls and travelling.
RELATED = frozenset({"call-barring", "call-screening", "roaming", "roaming-data"})
# Others cost whoever calls them, or whom they belong to, more than a call.
PLAIN = frozenset({
    Type.MOBILE, Type.FIXED_LINE, Type.FIXED_LINE_OR_MOBILE, Type.VOIP, Type.PERSONAL_NUMBER, Type.UAN
})  # fmt: skip


class State(StrEnum):
    """Where a change stands; `ASKED`: the network does it, or will."""

    WAITING = "waiting"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


OPEN = frozenset({State.WAITING, State.ASKED})


class Why(StrEnum):
    """Why forwarding is not changed."""

    NOT_MOBILE = "not mobile"
    NO_NETWORK = "no network"
    BLOCKED = "blocked"
    ON_THE_WAY = "on the way"
    SELF = "self"
    FOREIGN = "foreign"
    SPECIAL = "special"
    ALREADY = "already"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line is: its number, `bars` that stand, whether a change is `coming`, where calls go `now` ("": here)."""

    number: str
    service: str
    network: bool
    bars: Collection[str]
    coming: bool
    now: str


def refused(facts: Facts, target: Msisdn | None, region: str) -> Why | None:
    """Return why calls cannot go to `target` (None: come here again) under a condition; None: they can.

    Calls come back whatever bars the line: that only makes it safer.
    """
    if facts.service != "mobile":
        return Why.NOT_MOBILE
    if not facts.network:
        return Why.NO_NETWORK
    if target is not None and facts.bars:
        return Why.BLOCKED
    if target is not None and (wrong := unfit(target, facts.number, region)):
        return wrong
    if facts.coming:
        return Why.ON_THE_WAY
    if (target.e164 if target else "") == facts.now:
        return Why.ALREADY if target else Why.NOTHING
    return None


def unfit(target: Msisdn, number: str, region: str) -> Why | None:
    """Return why calls of `number` never go to `target`."""
    if target.e164 == number:
        return Why.SELF
    parsed = phonenumbers.parse(target.e164)
    if phonenumbers.region_code_for_number(parsed) not in (region, None):
        # Two countries may share a code, so the code alone says nothing.
        return Why.FOREIGN
    if not target.e164.startswith(f"+{phonenumbers.country_code_for_region(region)}"):
        return Why.FOREIGN
    return None if phonenumbers.number_type(parsed) in PLAIN else Why.SPECIAL


def effective_at(*, target: str, called_before: bool, at: datetime) -> datetime:
    """Return when the network is asked: at once, or after a wait for a number that was never called from here."""
    return at + WAIT if target and not called_before else at


def feature(condition: str) -> str:
    """Return what the network calls forwarding under a condition."""
    return f"{FEATURE}{condition.replace(' ', '-')}"


def switched(condition: str, target: str) -> tuple[list[str], list[str]]:
    """Return what the network switches on and off; a feature with another value takes the place of the one before."""
    name = feature(condition)
    return ([f"{name}:{target}"], []) if target else ([], [name])
