"""Rows of the security pages, as words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from abonent.domains.identity.queries_security import Entry, Event, KnownDevice, Live, Place
from abonent.domains.identity.rules_freezing import CANNOT_BE_DISPUTED
from abonent.entrypoints.portal.identity.security import words
from abonent.foundation.clock import now
from abonent.web import format as formats

# When the person last looked at what changed, in this session; seconds since 1970.
NOTICED_AT = "noticed_at"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """An icon, a title, what there is to say of it; where it leads, or the id its form sends."""

    icon: str
    title: str
    about: str
    address: str = ""
    id: int = 0
    badge: str = ""
    # Whether this is the very session that looks.
    here: bool = False
    by_staff: bool = False


def session_row(session: Live) -> Row:
    """Return an open session: which device, from where, since when and until when it was used."""
    seen = formats.moment(session.seen_at or session.since)
    entered = words.entered(session.since, session.way)
    about = [entered] if session.is_this else [words.last_seen(seen), entered]
    if session.address:
        about.append(words.network(session.address))
    return Row(
        icon=words.device_icon(session.agent, in_app=session.in_app),
        title=words.device(session.agent, in_app=session.in_app),
        about=" · ".join(about),
        id=session.sign_in_id,
        here=session.is_this,
    )


def device_row(device: KnownDevice) -> Row:
    return Row(
        icon=words.device_icon(device.agent),
        title=words.device(device.agent),
        about=words.known(device.first_seen_at, device.last_seen_at),
        id=device.id,
    )


def entry_row(entry: Entry) -> Row:
    """Return an entry of the history."""
    about = [words.entered(entry.at, entry.way), *([words.network(entry.address)] if entry.address else [])]
    return Row(
        icon=words.device_icon(entry.agent, in_app=entry.in_app),
        title=words.device(entry.agent, in_app=entry.in_app),
        about=" · ".join(about),
        id=entry.id,
    )


def event_row(event: Event) -> Row:
    """Return something that changed; `address` leads to "it was not me" where that can be said."""
    disputable = event.disputed_at is None and event.kind not in CANNOT_BE_DISPUTED
    return Row(
        icon=words.icon(event.kind),
        title=words.kind(event.kind),
        about=words.about(event),
        address=f"/security/changes/{event.id}/not-me/" if disputable else "",
        id=event.id,
        badge=words.disputed() if event.disputed_at else "",
        by_staff=event.by_staff,
    )


def token(row: Entry | Event) -> str:
    """Return what an address holds of the place where a list goes on."""
    return f"{(row.at - EPOCH) // timedelta(microseconds=1)}-{row.id}"


def place(text: str) -> Place | None:
    """Return the place a token means, None for one that means none."""
    moment, _dash, row_id = text.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in (moment, row_id)):
        return None
    try:
        return Place(EPOCH + timedelta(microseconds=int(moment)), int(row_id))
    except OverflowError:
        return None


def note_seen(request: HttpRequest) -> None:
    """Note that what changed was looked at, so that the home page speaks of it no more."""
    # The next whole second: what happened a moment ago was on the page, too.
    request.session[NOTICED_AT] = int(now().timestamp()) + 1


def noticed_at(request: HttpRequest) -> datetime | None:
    """Return when what changed was last looked at in this session."""
    seconds = request.session.get(NOTICED_AT)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
