"""Voicemail in words and rows. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from abonent.domains.voice.voicemail.queries import Message, Overview
from abonent.domains.voice.voicemail.rules import Kind
from abonent.entrypoints.portal.calls import voicemail_words as words
from abonent.entrypoints.portal.orders import words as order_words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A message; `plays`: browsers do."""

    id: UUID
    caller: str
    about: str
    until: str
    address: str
    is_new: bool
    plays: bool


@dataclass(frozen=True, slots=True)
class Service:
    """What voicemail costs, and where it is connected or ended."""

    name: str
    about: str
    address: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page."""

    rows: list[Row]
    deleted: list[Row]
    is_on: bool
    service: Service | None
    greeting: str
    pin: str


def present(found: Overview) -> Page:
    """Return the page."""
    version = found.service.version
    pin = _("Not chosen: messages are heard from this phone only")
    if found.pin is not None:
        pin = _("Since %(day)s") % {"day": formats.day(found.pin.set_at)}
        if not found.pin.tries_left:
            pin = _("Locked after three wrong ones: choose a new one")
    return Page(
        rows=[_row(one) for one in found.messages],
        deleted=[_row(one) for one in found.deleted],
        is_on=found.service.is_on,
        service=Service(order_words.name(version), order_words.price(version), f"/services/{version.code}/")
        if version
        else None,
        greeting=words.greeting(found.greeting)[0],
        pin=pin,
    )


def _row(one: Message) -> Row:
    said = _("gone for good on %(day)s") if one.is_deleted else _("kept until %(day)s")
    return Row(
        id=one.id,
        caller=formats.phone(one.caller) if one.caller else _("Hidden number"),
        about=f"{formats.moment(one.left_at)} · {words.length(one.length_s)}",
        until=said % {"day": formats.day(one.forgotten_at)},
        address=f"/calls/voicemail/{one.id}/sound",
        is_new=one.is_new,
        plays=one.kind is not Kind.AMR,
    )
