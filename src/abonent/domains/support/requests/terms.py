"""Until when a request is answered: times by kind and working hours, each from a day on. Pure.

A table is never edited in the past: what was promised on a day can be told from it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from abonent.domains.support.requests.rules import Kind


@dataclass(frozen=True, slots=True)
class Term:
    """How many hours the answer may take; of the clock, or of those that we work in."""

    valid_from: date
    kind: Kind
    hours: int
    working: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """When those work who go out and look: weekdays (Monday is 0) and hours, local ones."""

    valid_from: date
    days: frozenset[int]
    opens: time
    closes: time


FIRST = date(2020, 1, 1)
TERMS: Sequence[Term] = (
    Term(FIRST, Kind.QUESTION, 24),
    Term(FIRST, Kind.COMPLAINT, 24),
    Term(FIRST, Kind.ROAMING, 24),
    Term(FIRST, Kind.COVERAGE, 36, working=True),
    Term(FIRST, Kind.EQUIPMENT, 24, working=True),
)
HOURS: Sequence[Hours] = (Hours(FIRST, frozenset(range(5)), time(9), time(21)),)
# Days on which nobody goes out: those of the law, and what it moves to other days.
HOLIDAYS = frozenset(
    {
        *(date(year, 1, day) for year in (2026, 2027, 2028) for day in range(1, 9)),
        *(date(year, month, day) for year in (2026, 2027, 2028)
          for month, day in ((2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4))),
        date(2026, 1, 9), date(2026, 3, 9), date(2026, 5, 11), date(2026, 12, 31),
    }
)  # fmt: skip
# A calendar that never opens is a mistake in the table, not a reason to look for ever.
_DAYS_LOOKED_AT = 400


def term_of(kind: Kind, day: date, terms: Sequence[Term] = TERMS) -> Term:
    """Return the term in force on a day."""
    return max((one for one in terms if one.kind is kind and one.valid_from <= day), key=lambda one: one.valid_from)


def deadline(
    kind: Kind,
    at: datetime,
    zone: tzinfo,
    *,
    terms: Sequence[Term] = TERMS,
    hours: Sequence[Hours] = HOURS,
    holidays: frozenset[date] = HOLIDAYS,
) -> datetime:
    """Return until when something that was written at that moment is answered."""
    term = term_of(kind, at.astimezone(zone).date(), terms)
    if not term.working:
        return at + timedelta(hours=term.hours)
    left, day = timedelta(hours=term.hours), at.astimezone(zone).date()
    for _ in range(_DAYS_LOOKED_AT):
        window = _window(day, zone, hours, holidays)
        if window is not None:
            # Between moments, not between readings of the clock: on some days an hour is missing or comes twice.
            begins, ends = max(window[0], at.astimezone(UTC)), window[1]
            if ends - begins >= left:
                return begins + left
            left -= max(ends - begins, timedelta())
        day += timedelta(days=1)
    raise LookupError("nobody works for more than a year")


def _window(
    day: date, zone: tzinfo, hours: Sequence[Hours], holidays: frozenset[date]
) -> tuple[datetime, datetime] | None:
    known = [one for one in hours if one.valid_from <= day]
    now = max(known, key=lambda one: one.valid_from) if known else None
    if now is None or day.weekday() not in now.days or day in holidays:
        return None
    return (
        datetime.combine(day, now.opens, zone).astimezone(UTC),
        datetime.combine(day, now.closes, zone).astimezone(UTC),
    )
