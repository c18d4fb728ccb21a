"""Which days a person means, and which days to compare them with. Pure: today comes in as an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from abonent.domains.billing.statement.rules import Filters, Unclear, earliest_day

MONTHS_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Days:
    """Whole local days, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Asked:
    """The days to show; `problems` by field, with `statement_rules.Unclear`'s codes, when something else was asked."""

    days: Days
    problems: Mapping[str, str]


def asked(first: str, last: str, today: date) -> Asked:
    """Understand two typed days; this month when nothing, or nothing sensible, was typed."""
    month = Days(today.replace(day=1), today)
    if not first.strip() and not last.strip():
        return Asked(month, {})
    try:
        filters = Filters.parse({"from": [first], "to": [last]}, today)
    except Unclear as unclear:
        return Asked(month, unclear.problems)
    return Asked(Days(filters.first, filters.last), {})


def months(today: date) -> list[Days]:
    """Return this month until today and the whole months before it that may still be asked for, newest first."""
    found = [Days(today.replace(day=1), today)]
    earliest = earliest_day(today)
    while len(found) < MONTHS_OFFERED:
        last = found[-1].first - timedelta(days=1)
        if last.replace(day=1) < earliest:
            break
        found.append(Days(last.replace(day=1), last))
    return found


def everything(today: date) -> Days:
    """Return all days that may be asked for."""
    return Days(earliest_day(today), today)


def before(days: Days) -> Days:
    """Return the days to compare with: of the month before when they begin a month, else as many days just before.

    A month, or its beginning, is not compared with its own number of days: a monthly fee would fall in or out by
    chance, and the home page compares so too.
    """
    last = days.first - timedelta(days=1)
    if days.first.day != 1 or days.last.replace(day=1) != days.first:
        return Days(days.first - timedelta(days=days.length), last)
    whole = (days.last + timedelta(days=1)).day == 1
    return Days(last.replace(day=1), last if whole else last.replace(day=min(days.last.day, last.day)))
