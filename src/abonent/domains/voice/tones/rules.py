"""Which tone a caller hears, and when: the rules of a line, the most particular first. Pure.

The answer follows from the *set* of rules, whatever order they were made in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RULES_MAX = 20
DAY_MIN = 24 * 60
EVERY_DAY = frozenset(range(7))


class Why(StrEnum):
    """Why tones stay as they are."""

    NOT_MOBILE = "not mobile"
    NO_SERVICE = "no service"
    NO_HITS = "no hits"
    MANY = "many"
    NO_TIME = "no time"
    NO_DAYS = "no days"
    SELF = "self"
    NOT_COPIED = "not copied"
    OFTEN = "often"


@dataclass(frozen=True, slots=True)
class Rule:
    """A tone for a caller (E.164, "": everybody) on weekdays (0: Monday), from one minute of the day until another.

    `from_min` equal to `until_min` is the whole day; over midnight, the night belongs to the day on which it begins.
    A larger `id` was made later.
    """

    id: int
    tone: str
    caller: str = ""
    days: frozenset[int] = EVERY_DAY
    from_min: int = 0
    until_min: int = 0

    @property
    def length_min(self) -> int:
        """Return how many minutes of a day it holds."""
        return (self.until_min - self.from_min) % DAY_MIN or DAY_MIN

    @property
    def is_always(self) -> bool:
        """Return whether it holds at any time."""
        return self.days == EVERY_DAY and self.length_min == DAY_MIN

    def holds(self, caller: str, local: datetime) -> bool:
        """Return whether it says what the caller ("": withheld) hears at a local time."""
        if self.caller not in ("", caller):
            return False
        minute = local.hour * 60 + local.minute
        since_min = (minute - self.from_min) % DAY_MIN
        if since_min >= self.length_min:
            return False
        began = local.weekday() if since_min <= minute else (local.weekday() - 1) % 7
        return began in self.days


def rank(rule: Rule) -> tuple[bool, int, int]:
    """Return what sorts rules: for one caller before everybody, then fewer minutes of a week, then the newest."""
    return (not rule.caller, rule.length_min * len(rule.days), -rule.id)


def ordered(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules in the order in which they are asked."""
    return sorted(rules, key=rank)


def heard(rules: Iterable[Rule], caller: str, local: datetime) -> Rule | None:
    """Return the rule by which the caller hears a tone at a local time, None: the usual ringing."""
    return next((rule for rule in ordered(rules) if rule.holds(caller, local)), None)


def unfit(rule: Rule, number: str, count: int) -> Why | None:
    """Return why a rule cannot be one more of `count` of the number, None: it can."""
    if count >= RULES_MAX:
        return Why.MANY
    if not rule.days:
        return Why.NO_DAYS
    if not (0 <= rule.from_min < DAY_MIN and 0 <= rule.until_min < DAY_MIN):
        return Why.NO_TIME
    return Why.SELF if rule.caller == number else None
