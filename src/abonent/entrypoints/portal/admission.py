"""From a proof to the cabinet: what still stands between them, in one place for every way in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.utils import translation

from abonent.domains.identity import actions as identity
from abonent.domains.identity import freezing, pins, queries
from abonent.domains.identity.passwords import guards as guards_passwords
from abonent.domains.identity.passwords.guards import Attempt
from abonent.domains.identity.queries import Standing
from abonent.domains.identity.rules import Proof, Way
from abonent.domains.identity.sessions import FROZEN, SessionStore
from abonent.entrypoints.portal import visitor
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.federation import waiting
from abonent.foundation.clock import now
from abonent.web import pages as languages

SECOND = "/login/second/"
NEW_PASSWORD = "/login/new-password/"  # noqa: S105 - an address
OFFER = "/login/offer/"
NEW_PIN = "/app/pin/new/"
# This way in is closed while the owner's "it was not me" is not cleared up.
CLOSED_WAY = "/login/protected/"
LEAVING = "/security/erasure/"

PENDING = "pending"
PENDING_FOR = timedelta(minutes=10)
WEB_FOR = timedelta(hours=24)
APP_FOR = timedelta(days=30)
OFFERED_EVERY = timedelta(days=30)

# What a session knows besides what `visitor` keeps.
WAY = "way"
IN_APP = "in_app"

# A passkey with its own check of the person is two proofs in one; nothing else stands for the second.
COMPLETE = frozenset({Way.PASSKEY})
# Recognition and a linked login say who it is, not that it is asked anew: no fresh proof comes with them.
NO_FRESH_PROOF = frozenset({Way.NETWORK, Way.SOCIAL})
# What a way in showed; an SMS, where nothing else is said.
PROOF_OF = {Way.PASSWORD: Proof.PASSWORD, Way.EMAIL: Proof.EMAIL, Way.PASSKEY: Proof.PASSKEY}
# Ways whose only outcome is a new password.
PASSWORD_FIRST = frozenset({Way.RESET, Way.TEMPORARY})


@dataclass(frozen=True, slots=True)
class Proven:
    """Who proved to be whom, and how; `line_id` is the line proven, 0 when the proof was not of a line."""

    account_id: int
    line_id: int
    way: Way
    wanted: str
    # Whether this proof also counts for what asks to prove anew.
    fresh: bool = True


def admit(request: HttpRequest, proven: Proven, attempt: Attempt | None = None) -> HttpResponse:
    """Let in who proved enough, or lead to what is still missing.

    Every way in ends here, after its proof was used up: nothing about the account is told before that. `attempt` is
    the right password's, which ends the row of wrong ones.
    """
    standing = queries.standing(proven.account_id)
    if standing.has_second_factor and proven.way not in COMPLETE:
        if attempt:
            guards_passwords.forgive(attempt)
        _wait(request, proven)
        return HttpResponseRedirect(SECOND)
    return enter(request, proven, standing, attempt=attempt)


def pending(request: HttpRequest) -> Proven | None:
    """Return who proved one factor in this browser within ten minutes, owes the second, and was not deleted since."""
    held = request.session.get(PENDING)
    if not held or held["until"] <= now().timestamp() or not queries.is_there(held["account_id"]):
        return None
    return Proven(held["account_id"], held["line_id"], Way(held["way"]), held["wanted"], held["fresh"])


def complete(request: HttpRequest) -> HttpResponse:
    """Let in who showed the second factor, too."""
    proven = pending(request)
    if proven is None:
        return HttpResponseRedirect(visitor.LOGIN)
    return enter(request, proven, queries.standing(proven.account_id), by=Proof.FACTOR)


def enter(
    request: HttpRequest,
    proven: Proven,
    standing: Standing,
    by: Proof | None = None,
    attempt: Attempt | None = None,
) -> HttpResponse:
    """Open the session and lead to the first page: the one wanted, or one that comes before it.

    `by` is what was shown last; what the way in says of itself, when it is not given.
    """
    if standing.frozen_at and proven.way in freezing.closed_ways(proven.account_id):
        if attempt:
            guards_passwords.forgive(attempt)
        request.session.flush()
        return HttpResponseRedirect(CLOSED_WAY)
    in_app = browser.in_app(request)
    at = now()
    waits = waiting.held(request)
    request.session.flush()
    rotate_token(request)
    request.session.update(
        {
            SESSION_KEY: str(proven.account_id),
            WAY: str(proven.way),
            IN_APP: in_app,
            FROZEN: standing.frozen_at is not None,
            visitor.LINE: proven.line_id,
            visitor.PROVEN_LINE: proven.line_id,
        }
    )
    # To the day, however busy it is; without this each page would begin the 24 hours anew.
    request.session.set_expiry(at + (APP_FOR if in_app else WEB_FOR))
    has_pin = in_app and _has_pin(request, standing)
    request.session[visitor.LOCKED] = has_pin
    fresh = proven.fresh and proven.way not in NO_FRESH_PROOF
    proof = (by or PROOF_OF.get(proven.way, Proof.SMS)) if fresh else None
    visitor.begin(request, at, by=proof)
    waiting.keep(request, waits)
    wanted = proven.wanted
    if waits is not None and not standing.frozen_at and not standing.off_at:
        wanted = waiting.after_entry(request, waits, proof, wanted)
    response = _lead(request, standing, wanted, has_pin=has_pin)
    _record(request, proven, at, attempt)
    return _speak(request, standing, response)


def _record(request: HttpRequest, proven: Proven, at: datetime, attempt: Attempt | None) -> None:
    """Write the entry into the history, and with it the session, which holds by now all it will."""
    identity.record_sign_in(
        account_id=proven.account_id,
        way=proven.way,
        origin=browser.origin_of(request),
        agent=browser.agent_of(request),
        in_app=browser.in_app(request),
        at=at,
        session=cast(SessionStore, request.session),
        forgives=attempt,
    )


def open_app(request: HttpRequest, wanted: str) -> HttpResponse:
    """Lead somebody signed in, who opened the installed app, to its PIN; a session of the browser becomes the app's.

    That is for a fresh proof only: the app's session lives much longer.
    """
    standing = queries.standing(int(request.session[SESSION_KEY]))
    if not request.session.get(IN_APP):
        request.session.cycle_key()
        request.session[IN_APP] = True
        request.session.set_expiry(now() + APP_FOR)
    has_pin = _has_pin(request, standing)
    if has_pin:
        visitor.lock(request)
    return _lead(request, standing, wanted, has_pin=has_pin)


def go_on(request: HttpRequest, wanted: str, *, pin_set: bool = False) -> HttpResponse:
    """Lead somebody signed in, who just did what stood before the cabinet, to what comes next.

    `pin_set`: the PIN was set by this very request, so the browser does not hold it yet.
    """
    if request.session.get(visitor.BARRIER) == NEW_PASSWORD:
        # It is set; whoever did something else, a PIN or the cabinet switched on, still owes it.
        request.session[WAY] = str(Way.CODE)
    standing = queries.standing(int(request.session[SESSION_KEY]))
    return _lead(request, standing, wanted, has_pin=pin_set or _has_pin(request, standing))


def _lead(request: HttpRequest, standing: Standing, wanted: str, *, has_pin: bool) -> HttpResponse:
    first, must = _first_page(request, standing, has_pin=has_pin)
    request.session[visitor.BARRIER] = first if must else ""
    return HttpResponseRedirect(f"{first}?{urlencode({'next': wanted})}" if first else wanted)


def _first_page(request: HttpRequest, standing: Standing, *, has_pin: bool) -> tuple[str, bool]:
    """Return what comes before the page that was wanted (empty: nothing), and whether there is no way around it."""
    in_app = request.session.get(IN_APP, False)
    if standing.off_at:
        return visitor.SWITCHED_OFF, True
    if visitor.is_locked(request):
        return visitor.PIN, True
    if standing.frozen_at:
        # Nothing new is set while it is not clear who is asking: only the app's own PIN stands before the cabinet.
        return (NEW_PIN, True) if in_app and not has_pin else (visitor.PROTECTED, False)
    if request.session.get(WAY) in PASSWORD_FIRST:
        return NEW_PASSWORD, True
    if in_app and not (standing.has_password or standing.has_passkey):
        return OFFER, True
    if in_app and not has_pin:
        return NEW_PIN, True
    if standing.erase_at:
        return LEAVING, False
    if not in_app and not standing.has_password and _offers_password(standing):
        return OFFER, False
    return "", False


def _has_pin(request: HttpRequest, standing: Standing) -> bool:
    """Return whether this person set a PIN in the app on this device."""
    return pins.has_key(account_id=standing.account_id, device_key_id=browser.device_key_of(request))


def _speak(request: HttpRequest, standing: Standing, response: HttpResponse) -> HttpResponse:
    """Remember the language chosen in this browser; one that never chose takes the person's own."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        languages.remember(response, standing.language)
    elif standing.language != (language := translation.get_language() or settings.LANGUAGE_CODE):
        identity.note_language(account_id=standing.account_id, language=language)
    return response


def _offers_password(standing: Standing) -> bool:
    """Return whether a password is offered: once a month until there is one, or it was declined for good."""
    if standing.password_declined_at:
        return False
    return standing.password_offered_at is None or standing.password_offered_at + OFFERED_EVERY <= now()


def _wait(request: HttpRequest, proven: Proven) -> None:
    """Keep, in a session of its own, who owes the second factor; nobody is signed in by that."""
    waits = waiting.held(request)
    request.session.flush()
    waiting.keep(request, waits)
    held = asdict(proven) | {"way": str(proven.way), "until": (now() + PENDING_FOR).timestamp()}
    request.session[PENDING] = held
    request.session.set_expiry(now() + PENDING_FOR)
