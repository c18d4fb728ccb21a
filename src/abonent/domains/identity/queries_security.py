"""Reads for the owner's security pages: sessions and devices, entries, what changed, what needs the owner now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from abonent.domains.identity import journal, models
from abonent.domains.identity.rules import EventKind, Way
from abonent.domains.identity.sessions import SessionStore
from abonent.foundation.clock import now

PAGE = 25
AGENT = "agent:"


@dataclass(frozen=True, slots=True)
class Live:
    """A session that is open now: since when, the last request, how and where from (a network prefix, may be empty)."""

    sign_in_id: int
    is_this: bool
    since: datetime
    seen_at: datetime | None
    way: Way
    agent: str
    address: str
    in_app: bool
    device_id: int | None


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A browser or app that signed in before."""

    id: int
    agent: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry into the cabinet."""

    id: int
    at: datetime
    way: Way
    agent: str
    address: str
    in_app: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What changed; `by` is "self", "network", or "agent:<id>"."""

    id: int
    at: datetime
    kind: EventKind
    by: str
    detail: Mapping[str, str]
    disputed_at: datetime | None

    @property
    def by_staff(self) -> bool:
        return self.by.startswith(AGENT)


class Place(NamedTuple):
    """Where a list goes on: after the row with this time and id, newest first."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Needs:
    """What needs the owner: protected since, to be deleted at, a device never seen before that came at."""

    frozen_at: datetime | None
    erase_at: datetime | None
    new_device_at: datetime | None


def live_sessions(account_id: int, key: str) -> list[Live]:
    """Return the open sessions of the account, the one with the key `key` first, then the latest seen."""
    rows = models.Session.objects.filter(
        account_id=account_id, expires_at__gt=now(), sign_in__ended_at=None, sign_in__isnull=False
    ).select_related("sign_in")
    found = [_live(row, row.key == key) for row in rows]
    return sorted(found, key=lambda live: (not live.is_this, -(live.seen_at or live.since).timestamp()))


def known_devices(account_id: int) -> list[KnownDevice]:
    """Return the devices that signed in before, the latest first."""
    rows = models.Device.objects.filter(account_id=account_id).order_by("-last_seen_at")
    return [KnownDevice(row.pk, row.agent, row.first_seen_at, row.last_seen_at) for row in rows]


def entries_of(account_id: int, *, before: Place | None = None, limit: int = PAGE) -> list[Entry]:
    """Return entries into the account, the latest first."""
    rows = models.SignIn.objects.filter(_before(before), account_id=account_id).order_by("-at", "-id")[:limit]
    return [Entry(row.pk, row.at, Way(row.way), row.agent, row.address, row.in_app) for row in rows]


def events_of(
    account_id: int, *, before: Place | None = None, by_staff: bool = False, limit: int = PAGE
) -> list[Event]:
    """Return what changed in the account, the latest first; with `by_staff` only what our staff did."""
    rows = models.SecurityEvent.objects.filter(_before(before), account_id=account_id).order_by("-at", "-id")
    if by_staff:
        rows = rows.filter(by__startswith=AGENT)
    return [_event(row) for row in rows[:limit]]


def event_of(account_id: int, event_id: int) -> Event:
    """Return one event of the account; raise `LookupError` when it is not there, or another's."""
    row = models.SecurityEvent.objects.filter(id=event_id, account_id=account_id).first()
    if row is None:
        raise LookupError(event_id)
    return _event(row)


_NEEDS = """
    with here as (select id, at, device_id from identity_signin where id = %(sign_in)s)
    select account.frozen_at, account.erase_at,
           (select max(event.at) from identity_securityevent event
             where event.account_id = account.id and event.kind = %(new_device)s and event.disputed_at is null
               and event.at <> coalesce((select at from here), event.at)
               and event.at > coalesce(
                   %(noticed)s,
                   (select max(earlier.at) from identity_signin earlier join here on true
                     where earlier.account_id = account.id and earlier.device_id = here.device_id
                       and earlier.id < here.id),
                   (select at from here)))
      from identity_account account where account.id = %(account)s
"""


def needs(account_id: int, *, sign_in_id: int | None, noticed_at: datetime | None) -> Needs:
    """Return what needs the owner, in one query.

    A device counts that came after the last visit by the present one, or after `noticed_at`, when the person last
    looked at the list of changes in this session; the device of this very entry never does.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _NEEDS,
            {
                "account": account_id,
                "sign_in": sign_in_id,
                "new_device": EventKind.NEW_DEVICE,
                "noticed": noticed_at,
            },
        )
        row = cursor.fetchone()
    return Needs(*row) if row else Needs(None, None, None)


def _before(place: Place | None) -> Q:
    return Q() if place is None else Q(at__lt=place.at) | Q(at=place.at, id__lt=place.id)


def _event(row: models.SecurityEvent) -> Event:
    return Event(row.pk, row.at, EventKind(row.kind), row.by or journal.OWNER, row.detail, row.disputed_at)


def _live(row: models.Session, is_this: bool) -> Live:
    entry = row.sign_in
    assert entry is not None  # noqa: S101 - the query asked for sessions with an entry
    seen_s = SessionStore().decode(row.data).get("seen_at")
    return Live(
        sign_in_id=entry.pk,
        is_this=is_this,
        since=entry.at,
        seen_at=datetime.fromtimestamp(seen_s, entry.at.tzinfo) if seen_s else None,
        way=Way(entry.way),
        agent=entry.agent,
        address=entry.address,
        in_app=entry.in_app,
        device_id=entry.device_id,
    )
