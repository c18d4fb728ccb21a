"""Requests of customers as staff see them: the queue with its deadlines, one with its conversation, service times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from abonent.domains.support import queries
from abonent.domains.support.queries import Agent
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.requests.files import File
from abonent.domains.support.requests.queries import Note, Request, Service
from abonent.domains.support.requests.rules import Unclear
from abonent.domains.support.requests.states import Event, NotNow, State, can
from abonent.domains.support.rules import Permission, Refused, masked_number
from abonent.entrypoints.staff import words
from abonent.web import format as formats
from abonent.web.words import request_kind


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue; `look` is `late`, `soon` or empty."""

    id: int
    title: str
    about: str
    until: str
    look: str
    agent: str
    free: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of the customer's; `address` empty: deleted."""

    name: str
    about: str
    address: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation; `kind` is `customer`, `ours` or `internal`."""

    kind: str
    who: str
    when: str
    paragraphs: list[str]
    files: list[Attached]


@dataclass(frozen=True, slots=True)
class Page:
    """One request, and what may be done with it now."""

    id: int
    title: str
    subject: str
    facts: list[tuple[str, str]]
    turns: list[Turn]
    can_take: bool
    can_give_back: bool
    acts: list[tuple[str, str]]
    colleagues: list[tuple[int, str]]


def row(one: Request, now: datetime) -> Row:
    """Return a request as a row of the queue."""
    return Row(
        id=one.id,
        title=f"{one.number} · {one.subject}",
        about=f"{request_kind(one.kind)} · {one.customer} · {state(one.state)}",
        until=formats.moment(one.due_at),
        look="late" if one.is_late(now) else "soon" if one.is_soon(now) else "",
        agent=one.agent,
        free=one.agent_id is None,
    )


def page(one: Request, talk: Sequence[Note], agent: Agent, now: datetime) -> Page:
    """Return the page of one request for somebody of staff."""
    mine = one.agent_id == agent.id
    facts = [
        (_("What it is about"), request_kind(one.kind)),
        (_("Customer"), one.customer),
        (_("Number"), masked_number(one.line) if one.line else ""),
        (_("How it stands"), state(one.state)),
        (_("Sent"), formats.moment(one.opened_at)),
        (_("Answer until"), formats.moment(one.due_at) if one.is_open else ""),
        (_("Late by"), _lasted(now - one.due_at) if one.is_late(now) else ""),
        (_("In the hands of"), one.agent),
    ]
    return Page(
        id=one.id,
        title=one.number,
        subject=one.subject,
        facts=[fact for fact in facts if fact[1]],
        turns=[_turn(one.id, note) for note in talk],
        can_take=one.agent_id is None and can(one.state, Event.TAKEN),
        can_give_back=mine and can(one.state, Event.GIVEN_BACK),
        acts=_acts(one, mine=mine),
        colleagues=_colleagues(one, agent),
    )


def report(now: datetime) -> list[tuple[str, ...]]:
    """Return the service times as rows of a table: kind, how many, middle time, share in time, late."""
    return [_service(one) for one in requests_queries.report(now)]


def state(of: State) -> str:
    """Return how a request stands, for who works on it."""
    return {
        State.ACKNOWLEDGED: _("Waits for us"),
        State.IN_PROGRESS: _("Being looked at"),
        State.PENDING: _("Waits for the customer"),
        State.RESOLVED: _("Answered"),
        State.CLOSED: pgettext("request", "Closed"),
        State.CANCELLED: _("Called off by the customer"),
    }[of]


def problem(error: Refused | NotNow | Unclear) -> str:
    """Return why something was not done, and what to do."""
    if isinstance(error, Refused):
        return words.refusal(error)
    if isinstance(error, NotNow):
        return _("It stands otherwise by now: %(state)s. Look at it anew.") % {"state": state(error.state)}
    if error.reason == "long":
        return _("Make it shorter: up to %(number)s characters") % {"number": formats.number(4000)}
    return _("Write what is to be said")


def _acts(one: Request, *, mine: bool) -> list[tuple[str, str]]:
    acts = [("noted", _("Note for colleagues"))]
    if mine and can(one.state, Event.ASKED):
        acts.insert(0, (Event.ASKED.value, _("Ask the customer")))
    if mine and can(one.state, Event.ANSWERED):
        acts.insert(0, (Event.ANSWERED.value, _("Answer: it is settled")))
    return acts


def _colleagues(one: Request, agent: Agent) -> list[tuple[int, str]]:
    if Permission.ASSIGN not in agent.permissions or not one.is_open:
        return []
    able = [other for other in queries.staff() if other.active and Permission.REQUESTS in other.permissions]
    return [(other.id, other.name) for other in able if other.id != one.agent_id]


def _turn(request_id: int, note: Note) -> Turn:
    who = {"customer": _("The customer"), "ours": _("To the customer, %(name)s"), "internal": _("Among us, %(name)s")}
    of = "internal" if note.internal else "ours" if note.agent else "customer"
    return Turn(
        kind=of,
        who=who[of] % {"name": note.agent} if note.agent else who[of],
        when=formats.moment(note.at),
        paragraphs=[part for part in note.text.split("\n") if part],
        files=[_file(request_id, one) for one in note.files],
    )


def _file(request_id: int, one: File) -> Attached:
    address = "" if one.gone else f"/staff/requests/{request_id}/files/{one.id}/"
    return Attached(one.name, _("deleted, its time is over") if one.gone else formats.data_size(one.size), address)


def _service(one: Service) -> tuple[str, ...]:
    share = formats.percent(one.in_time / (one.in_time + one.late)) if one.in_time + one.late else "—"
    middle = _lasted(one.median) if one.median is not None else "—"
    return request_kind(one.kind), formats.number(one.count), middle, share, formats.number(one.late)


def _lasted(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    hours = minutes // 60
    if hours >= 48:
        return ngettext("%(num)s day", "%(num)s days", hours // 24) % {"num": hours // 24}
    if hours >= 1:
        return ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": hours}
    return ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
