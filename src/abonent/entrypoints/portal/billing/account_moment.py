"""Which moment somebody means by a day and a time of day. Pure: now comes in as an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from abonent.domains.billing.statement.rules import Filters, Unclear

_TIME = re.compile(r"\s*([0-9]{1,2})(?:[:.\- ]([0-9]{2}))?\s*")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment to show; `problems` by field when something else was asked; `day_only`: the end of that day."""

    at: datetime
    day_only: bool
    problems: Mapping[str, str]


def asked(day: str, clock: str, now: datetime, zone: ZoneInfo) -> Moment:
    """Understand a typed day and time: the end of the day without a time, now when nothing was typed.

    Problems are those of `statement_rules.Unclear` for `on`, and `time_unreadable` or `time_in_future` for `time`.
    """
    local = now.astimezone(zone)
    if not day.strip() and not clock.strip():
        return Moment(now, False, {})
    typed = day.strip() or local.date().isoformat()
    try:
        chosen = Filters.parse({"from": [typed], "to": [typed]}, local.date()).first
    except Unclear as unclear:
        return Moment(now, False, {"on": unclear.problems.get("from") or next(iter(unclear.problems.values()))})
    if not clock.strip():
        end = datetime.combine(chosen + timedelta(days=1), time.min, zone) - _MOMENT
        return Moment(min(end, now), True, {})
    found = _TIME.fullmatch(clock)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if hour > 23 or minute > 59:
        return Moment(now, False, {"time": "time_unreadable"})
    at = datetime.combine(chosen, time(hour, minute), zone)
    if at > now:
        return Moment(now, False, {"time": "time_in_future"})
    return Moment(at, False, {})
