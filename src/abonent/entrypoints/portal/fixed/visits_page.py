"""Visits of technicians in words. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from abonent.domains.support.ports import Slot
from abonent.domains.support.visits.queries import Visit
from abonent.domains.support.visits.rules import State
from abonent.entrypoints.portal.fixed import words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A visit in the list."""

    address: str
    title: str
    about: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A window: what the form sends, and its hours."""

    value: str
    hours: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit; `next_` says what happens next, `until` until when it is changed here, empty: no more."""

    id: int
    title: str
    state: str
    tone: str
    facts: list[tuple[str, str]]
    next_: str
    until: str


def hours(starts_at: datetime, ends_at: datetime) -> str:
    return f"{formats.clock(starts_at)}–{formats.clock(ends_at)}"


def days(slots: Sequence[Slot]) -> list[tuple[str, list[Choice]]]:
    """Return what can be chosen, day by day."""
    return [
        (
            formats.day_of_week(day),
            [Choice(slot.starts_at.isoformat(), hours(slot.starts_at, slot.ends_at)) for slot in of_day],
        )
        for day, of_day in groupby(slots, key=lambda slot: timezone.localdate(slot.starts_at))
    ]


def row(one: Visit) -> Row:
    """Return a visit as a row of the list."""
    return Row(
        address=f"/visits/{one.id}/",
        title=f"{formats.day_of_week(one.starts_at)}, {hours(one.starts_at, one.ends_at)}",
        about=f"{one.subject} · {one.address}",
        tone=words.TONES[one.state],
        state=words.state(one.state),
    )


def shown(one: Visit, now: datetime) -> Shown:
    """Return the page of one visit."""
    return Shown(
        id=one.id,
        title=_("Visit on %(day)s, %(hours)s") % {
            "day": formats.day(one.starts_at), "hours": hours(one.starts_at, one.ends_at)},
        state=words.state(one.state),
        tone=words.TONES[one.state],
        facts=[
            (_("Reason of the visit"), one.subject),
            (_("Address"), one.address),
            (_("Costs"), _("free of charge")),
        ],
        next_=_next(one),
        until=formats.moment(one.changed_until) if one.may_be_changed(now) else "",
    )  # fmt: skip


def _next(one: Visit) -> str:
    return {
        State.PLANNED: _("We remind you the day before, and tell you when the technician sets out. "
                         "Somebody grown up has to be at home."),
        State.ON_THE_WAY: _("The technician is on the way to you."),
        State.DONE: _("It is done. What was done stands in the request; there you can say that it did not help."),
        State.MISSED: _("It could not be done. Why stands in the request; you can book another visit."),
        State.CANCELLED: _("Nobody comes. You can book another visit at any time."),
    }[one.state]  # fmt: skip
