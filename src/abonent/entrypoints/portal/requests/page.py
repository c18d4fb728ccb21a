"""Requests as their pages show them: everything as text, made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests.files import File
from abonent.domains.support.requests.queries import Note, Request
from abonent.domains.support.requests.rules import Kind
from abonent.domains.support.requests.states import Event, State, can
from abonent.entrypoints.portal.requests import words
from abonent.web import format as formats
from abonent.web.words import line_label, request_kind

REQUESTS = "/requests/"


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the list, or a kind to choose."""

    address: str
    icon: str
    title: str
    about: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form's page: what it is about, and until when it is answered."""

    title: str
    until: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file: `address` empty, its content is not there (yet, or any more)."""

    id: str
    name: str
    about: str
    address: str


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of the conversation."""

    ours: bool
    who: str
    when: str
    paragraphs: list[str]
    files: list[Attached]


@dataclass(frozen=True, slots=True)
class Shown:
    """One request; `act` is what writing in it does: `add`, `reopen`, empty: nothing can be written any more."""

    id: int
    title: str
    subject: str
    state: str
    said: str
    kind: str
    late: str
    facts: list[tuple[str, str]]
    talk: list[Said]
    act: str
    can_accept: bool
    can_call_off: bool


def kinds(now: datetime) -> list[Row]:
    """Return what can be written about, each with until when it is answered."""
    return [
        Row(
            f"{REQUESTS}new/{one.value}/", words.icon(one), request_kind(one),
            f"{words.hint(one)} · " + _("answer until %(time)s") % {"time": formats.moment(requests.due_at(one, now))},
        )
        for one in Kind
    ]  # fmt: skip


def asked(kind: Kind, now: datetime) -> Asked:
    """Return what the form's page says."""
    return Asked(request_kind(kind), formats.moment(requests.due_at(kind, now)))


def row(one: Request, now: datetime) -> Row:
    """Return a request as a row of the list."""
    if one.is_late(now):
        when = _("we are late")
    elif one.state in (State.ACKNOWLEDGED, State.IN_PROGRESS):
        when = _("answer until %(time)s") % {"time": formats.moment(one.due_at)}
    else:
        when = formats.moment(one.closed_at or one.answered_at or one.opened_at)
    return Row(
        address=f"{REQUESTS}{one.id}/",
        icon="check" if one.closed_at or one.state is State.RESOLVED else "clock",
        title=one.subject,
        about=f"{one.number} · {words.state(one.state)} · {when}",
        badge=_("Your turn") if one.state is State.PENDING else "",
    )


def shown(one: Request, talk: Sequence[Note], now: datetime) -> Shown:
    """Return the page of one request."""
    facts = [
        (_("What it is about"), request_kind(one.kind)),
        (line_label(one.line), formats.phone(one.line) if one.line else ""),
        (_("Sent"), formats.moment(one.opened_at)),
        (_("We answer until"), formats.moment(one.due_at) if one.state in _OURS else ""),
        (_("Answered on"), formats.moment(one.answered_at) if one.answered_at else ""),
        (_("We tell you"), words.channel(one.channel)),
    ]
    reopens = one.can_be_reopened(now)
    return Shown(
        id=one.id,
        title=_("Request %(number)s") % {"number": one.number},
        subject=one.subject,
        state=words.state(one.state),
        said=_said(one, reopens=reopens),
        kind=_look(one),
        late=_("We should have answered by now. Call us, and tell the number of the request.")
        if one.is_late(now)
        else "",
        facts=[fact for fact in facts if fact[1]],
        talk=[_turn(one.id, note) for note in talk],
        act="add" if one.is_open else "reopen" if reopens else "",
        can_accept=one.state is State.RESOLVED,
        can_call_off=can(one.state, Event.CALLED_OFF),
    )


def file(one: File, request_id: int | None = None) -> Attached:
    """Return a file of a request, or of a form that was not sent yet."""
    about = _("deleted, its time is over") if one.gone else formats.data_size(one.size)
    address = f"{REQUESTS}{request_id}/files/{one.id}/" if request_id is not None and not one.gone else ""
    return Attached(str(one.id), one.name, about, address)


def kept(files: Sequence[File]) -> list[Attached]:
    """Return the files of a form that is shown once more."""
    return [file(one) for one in files]


_OURS = (State.ACKNOWLEDGED, State.IN_PROGRESS)


def _turn(request_id: int, note: Note) -> Said:
    return Said(
        ours=bool(note.agent),
        who=_("We answered") if note.agent else _("You wrote"),
        when=formats.moment(note.at),
        paragraphs=[part for part in note.text.split("\n") if part],
        files=[file(one, request_id) for one in note.files],
    )


def _look(one: Request) -> str:
    return {State.PENDING: "warning", State.RESOLVED: "good"}.get(one.state, "note")


def _said(one: Request, *, reopens: bool) -> str:
    if one.state is State.CLOSED and reopens:
        return _("It is closed. Did it not help? Write below, and we look at it again.")
    return {
        State.ACKNOWLEDGED: _("We look at it and answer here. When the answer is there, we tell you."),
        State.IN_PROGRESS: _("One of our staff is looking at it now."),
        State.PENDING: _("We asked you something. Answer below, and we go on."),
        State.RESOLVED: _("Our answer is below. Did it not help? Write, and we look at it again."),
        State.CLOSED: _("It is closed."),
        State.CANCELLED: _("You have called it off."),
    }[one.state]
