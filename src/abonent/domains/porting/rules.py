"""Numbers that change their operator: terms, days, why not, what we answer another operator. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from abonent.foundation.values.terms import InvalidTerms, check_names

MOBILE = "mobile"


class Form(StrEnum):
    """How the SIM comes to who brings a number: into the phone's own chip, or as a card from a shop."""

    ESIM = "esim"
    SHOP = "shop"


class Why(StrEnum):
    """Why a number cannot be brought now, as far as we know by ourselves."""

    NOT_OFFERED = "not offered"
    OURS = "ours"
    UNREACHABLE = "unreachable"
    NO_TARIFF = "no tariff"
    NO_ESIM = "no esim"
    NO_SHOP = "no shop"
    BAD_DAY = "bad day"
    BAD_OWNER = "bad owner"
    ON_THE_WAY = "on the way"
    SHORT = "short"
    LIMIT = "limit"
    CHANGED = "changed"


class Reason(StrEnum):
    """Why an operator does not let a number go; also the words of the central database."""

    DEBT = "debt"
    OTHER_OWNER = "other owner"
    NOT_SERVED = "not served"
    BLOCKED = "blocked"
    LATELY = "ported lately"
    OBJECTED = "owner objects"
    # Of a cabinet whose owner said "it was not me", and of a new SIM. Another operator hears `BLOCKED`.
    PROTECTED = "protected"
    FRESH_SIM = "fresh sim"
    OTHER = "other"


def reason_of(said: str) -> Reason:
    """Return the reason that the central database names; one that we do not know is another."""
    return Reason(said) if said in set(Reason) else Reason.OTHER


def told(reason: Reason) -> Reason:
    """Return the reason as another operator hears it: how a cabinet is protected is nobody's business."""
    return Reason.BLOCKED if reason in (Reason.PROTECTED, Reason.FRESH_SIM) else reason


@dataclass(frozen=True, slots=True)
class Terms:
    """What bringing a number costs, once, and when.

    It comes `days_min` days after the request at the earliest and `days_max` at the latest. Its owner can call it off,
    and stop somebody who takes a number from us, until `cutoff_h` hours before the window. A SIM younger than
    `fresh_sim_h` hours, and a number that came to us less than `lately_days` ago, are not let go.
    """

    price_minor: int
    days_min: int
    days_max: int
    cutoff_h: int
    fresh_sim_h: int
    lately_days: int

    def first_day(self, today: date) -> date:
        return today + timedelta(days=self.days_min)

    def last_day(self, today: date) -> date:
        return today + timedelta(days=self.days_max)

    def fits(self, day: date, today: date) -> bool:
        """Return whether a number that is asked for today may come on that day."""
        return self.first_day(today) <= day <= self.last_day(today)

    def stops_at(self, window_from: datetime) -> datetime:
        """Return until when the owner can still change their mind."""
        return window_from - timedelta(hours=self.cutoff_h)

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Terms:
        """Return the terms that were written down; raise `InvalidTerms` for others."""
        check_names(said, (one.name for one in fields(cls)))
        return cls(**said)


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` when they cannot be meant."""
    for one in fields(terms):
        value = getattr(terms, one.name)
        if not isinstance(value, int) or isinstance(value, bool) or value < (1 if one.name == "days_min" else 0):
            raise InvalidTerms(f"{one.name}: {value!r}")
    if terms.days_max < terms.days_min:
        raise InvalidTerms("days_max: before days_min")
    if terms.cutoff_h >= terms.days_min * 24:
        raise InvalidTerms("cutoff_h: nobody could ever call it off")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose number it is, as the operator it comes from knows them; `document` as `customers.rules` keeps it."""

    family_name: str
    given_name: str
    patronymic: str
    birth_date: date
    document: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What decides whether a number goes; `same_owner` None: we keep no document to compare with.

    `decided` is what one of staff found who looked: whether it is the owner's wish.
    """

    served: bool
    same_owner: bool | None = None
    blocked: bool = False
    protected: bool = False
    sim_since: datetime | None = None
    came_at: datetime | None = None
    owed_minor: int = 0
    decided: bool | None = None


class Verdict(StrEnum):
    """What we answer now."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    # The owner has time to stop it or to pay, and staff to look.
    WAIT = "wait"


def refusal(facts: Leaving, terms: Terms, at: datetime) -> Reason | None:
    """Return what keeps the number here, whatever its owner does until our answer is due; None: nothing."""
    if not facts.served:
        return Reason.NOT_SERVED
    if facts.same_owner is False or facts.decided is False:
        return Reason.OTHER_OWNER
    if facts.protected:
        return Reason.PROTECTED
    if facts.blocked:
        return Reason.BLOCKED
    if facts.sim_since is not None and at < facts.sim_since + timedelta(hours=terms.fresh_sim_h):
        return Reason.FRESH_SIM
    if facts.came_at is not None and at < facts.came_at + timedelta(days=terms.lately_days):
        return Reason.LATELY
    return None


def kept_until(reason: Reason | None, facts: Leaving, terms: Terms) -> datetime | None:
    """Return until when the reason keeps the number here; None: not by a date."""
    if reason is Reason.FRESH_SIM and facts.sim_since is not None:
        return facts.sim_since + timedelta(hours=terms.fresh_sim_h)
    if reason is Reason.LATELY and facts.came_at is not None:
        return facts.came_at + timedelta(days=terms.lately_days)
    return None


def decide(facts: Leaving, terms: Terms, *, answer_by: datetime, at: datetime) -> tuple[Verdict, Reason | None]:
    """Return what we answer, and why not.

    What nobody can put right is said at once. What its owner can (a debt), and what staff have to look at, waits until
    the answer is due; so does a yes, since that is the time in which an owner who never asked for it can stop it.
    """
    if (reason := refusal(facts, terms, at)) is not None:
        return Verdict.REFUSE, reason
    if at < answer_by:
        return Verdict.WAIT, None
    if facts.owed_minor > 0:
        return Verdict.REFUSE, Reason.DEBT
    if facts.same_owner is None and not facts.decided:
        return Verdict.REFUSE, Reason.OTHER_OWNER
    return Verdict.ACCEPT, None
