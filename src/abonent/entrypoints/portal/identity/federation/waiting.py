"""A login at another service that nobody here knows yet: it waits in the session until the person signs in once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from abonent.domains.identity import links
from abonent.domains.identity.links import Outcome
from abonent.domains.identity.rules import Proof
from abonent.domains.lines import queries as lines
from abonent.entrypoints.portal.visitor import PROVEN_LINE
from abonent.foundation.clock import now

LINKED = "/security/linked/"
WAITS = timedelta(minutes=10)

_WAITING = "waiting_login"
_OUTCOME = "linked_login"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who the other service says it is; `until` is when that is forgotten, in seconds since 1970."""

    service: str
    uid: str
    name: str
    until: float


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says after a login was added, or was not."""

    service: str
    name: str
    outcome: Outcome


def hold(request: HttpRequest, *, service: str, uid: str, name: str) -> None:
    """Keep in this browser's session who came."""
    keep(request, Waiting(service, uid, links.clean_name(name), (now() + WAITS).timestamp()))


def keep(request: HttpRequest, waiting: Waiting | None) -> None:
    """Keep on what `held` returned, in a session begun anew."""
    if waiting is not None:
        request.session[_WAITING] = asdict(waiting)


def held(request: HttpRequest) -> Waiting | None:
    """Return who waits in this browser, if anybody and not for too long."""
    found = request.session.get(_WAITING)
    if not found or found["until"] <= now().timestamp():
        return None
    return Waiting(**found)


def drop(request: HttpRequest) -> None:
    """Forget who waits."""
    request.session.pop(_WAITING, None)


def after_entry(request: HttpRequest, waits: Waiting, by: Proof | None, wanted: str) -> str:
    """Add the login that waits to the account just opened and return the page that says so.

    Only a proof that counts as one afresh adds a login, for that opens the cabinet for good; without one (`by` is
    None) it goes on waiting, for the person to add it in the settings, and `wanted` is returned.
    """
    if by is None or is_held_back(request, by):
        return wanted
    add(request, waits)
    return f"{LINKED}?{urlencode({'next': wanted})}"


def add(request: HttpRequest, waits: Waiting) -> None:
    """Add the login to the account signed in and remember what came of it for the page that says so."""
    account_id = int(request.session[SESSION_KEY])
    outcome = links.link(account_id=account_id, service=waits.service, uid=waits.uid, name=waits.name, at=now())
    drop(request)
    request.session[_OUTCOME] = {"service": waits.service, "name": waits.name, "outcome": str(outcome)}


def told(request: HttpRequest) -> Told | None:
    """Return what came of the login added last in this session."""
    found = request.session.get(_OUTCOME)
    return Told(found["service"], found["name"], Outcome(found["outcome"])) if found else None


def is_held_back(request: HttpRequest, by: Proof | None) -> bool:
    """Return whether an SMS to the line signed in with proves too little: its SIM or forwarding changed lately."""
    line_id = request.session.get(PROVEN_LINE, 0)
    return by is Proof.SMS and bool(line_id) and lines.hold_of(line_id, now()) is not None
