"""Which numbers are served here, and when an SMS proves nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers

from abonent.domains.customers.rules import name_of, number_of
from abonent.foundation.values import InvalidNumber, Msisdn


class Holder(StrEnum):
    """Whose number range a number lies in: public knowledge, unlike whether the number is in use."""

    OURS = "ours"
    OTHER = "other"
    FOREIGN = "foreign"


def holder_of(number: Msisdn, *, ranges: tuple[str, ...], region: str) -> Holder:
    """Return whose range `number` lies in; `ranges` are our prefixes, `region` (ISO 3166) is where we serve."""
    if number.is_in(ranges):
        return Holder.OURS
    home = number.e164.startswith(f"+{phonenumbers.country_code_for_region(region)}")
    return Holder.OTHER if home else Holder.FOREIGN


# How long an SMS alone restores nothing after the SIM or the forwarding of a number changed.
HOLD = timedelta(hours=24)
HOLD_OF_MONEY = timedelta(hours=72)


class HoldReason(StrEnum):
    """What changed lately."""

    SIM = "sim"
    FORWARDING = "forwarding"


@dataclass(frozen=True, slots=True)
class Hold:
    """An SMS to the number is no proof by itself until then."""

    reason: HoldReason
    until: datetime


def hold_of(
    *, sim_replaced_at: datetime | None, forwarding_changed_at: datetime | None, now: datetime, span: timedelta = HOLD
) -> Hold | None:
    """Return what holds recovery by SMS back at `now`, the longer of two; None when nothing does."""
    changes = ((HoldReason.SIM, sim_replaced_at), (HoldReason.FORWARDING, forwarding_changed_at))
    holds = [Hold(reason, changed + span) for reason, changed in changes if changed and changed <= now < changed + span]
    return max(holds, key=lambda hold: hold.until, default=None)


SEARCH_LENGTH_MAX = 100
NAME_SEARCHED_MIN = 2


@dataclass(frozen=True, slots=True)
class Search:
    """What a text may mean: numbers and logins, a contract or account number, names as SQL patterns; "": not that."""

    numbers: tuple[str, ...]
    contract: str
    family: str
    given: str


def search_of(text: str, region: str) -> Search:
    """Return what staff may mean by `text`; `region` (ISO 3166) is where national numbers are from."""
    told = " ".join("".join(c if c.isprintable() else " " for c in text[:SEARCH_LENGTH_MAX]).split())
    try:
        numbers = {Msisdn.parse(told, region).e164, told}
    except InvalidNumber:
        numbers = {told}
    family, _, given = told.partition(" ")
    named = any(character.isalpha() for character in family) and len(family) >= NAME_SEARCHED_MIN
    return Search(
        numbers=tuple(sorted(numbers - {""})),
        contract=number_of(told),
        family=_beginning(family) if named else "",
        # A patronymic after the given name says nothing new.
        given=_beginning(given.partition(" ")[0]) if named else "",
    )


def _beginning(name: str) -> str:
    """Return the pattern of what begins like `name`."""
    escaped = name_of(name).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"
