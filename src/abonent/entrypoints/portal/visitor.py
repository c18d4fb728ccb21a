"""Who is looking: the account and its lines, read once per page, and how freshly the person proved to be it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from abonent.domains.identity import queries as identity
from abonent.domains.identity.freezing import Frozen
from abonent.domains.identity.rules import Proof, proof_is_fresh
from abonent.domains.identity.sessions import FROZEN, OFF
from abonent.domains.lines.access import NoSuchLine, NotShared, lines_of, require
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import actions as sharing
from abonent.entrypoints.portal import shared_pages
from abonent.foundation.clock import now

LOGIN = "/login/"
CONFIRM = "/login/confirm/"
HOME = "/home/"
PROTECTED = "/security/protected/"
SWITCHED_OFF = "/login/switched-off/"
PIN = "/app/pin/"
PIN_PAGES = (PIN, f"{PIN}forgotten/")
ADDRESS_LENGTH_MAX = 500
PROOF_NOTED_EVERY = timedelta(seconds=30)

# What a session knows; times are whole seconds since 1970.
SEEN_AT = "seen_at"
PROVEN_AT = "proven_at"
PROOF_USED_AT = "proof_used_at"
PROVEN_BY = "proven_by"
PROVEN_LINE = "proven_line"
LINE = "line"
# Where the person is kept until what is asked there is done; empty: nowhere.
BARRIER = "barrier"

# Proofs that a second factor gave.
BY_FACTOR = frozenset({Proof.FACTOR, Proof.PASSKEY})

# The app was opened anew or left alone: nothing is shown before its PIN.
LOCKED = "locked"

# What may still be sent while the owner said "it was not me": everything else would change something.
OPEN_WHILE_FROZEN = (
    CONFIRM,
    PROTECTED,
    "/security/sessions/",
    "/line/",
    "/lines/lost/",
    "/calls/stop/",
    # Calls are led back; what would send them elsewhere is refused behind it.
    "/calls/forward/",
    "/app/",
    "/numbers/end/",
    "/numbers/own/object/",
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person signed in: `line` is the one the pages speak of, `proven_line_id` the one signed in with.

    `lines` are the person's own, from which pages fetch. While a line that its owner shared is looked at, it stands
    there alone, and only on pages that say what they need of it (`shared_pages`). `seen` are all that one may choose
    from; `shared` is the one chosen that is not one's own, also on pages that are about the person.
    """

    account_id: int
    lines: list[Line]
    line: Line
    proven_line_id: int
    seen: list[Line] = field(default_factory=list)
    shared: Line | None = None

    def opens(self, address: str) -> bool:
        """Return whether the page at `address`, without names of things in it, is open for the line looked at."""
        return shared_pages.opens(self.line, address)

    def at(self, shared: Line) -> Visitor:
        """Return the visitor as the pages of a shared line know them: nothing of their own is within reach."""
        return replace(self, lines=[shared], line=shared)


Page = Callable[Concatenate[HttpRequest, Visitor, ...], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Return who is signed in, in two queries (the session, the lines), none without a session cookie.

    An account without lines (the last number was released) is nobody any more: its session ends.
    """
    account_id = request.session.get(SESSION_KEY)
    if account_id is None:
        return None
    try:
        seen = lines_of(int(account_id))
    except NoSuchLine:
        request.session.flush()
        return None
    selected = request.session.get(LINE)
    chosen = next((line for line in seen if line.id == selected), seen[0])
    own = [line for line in seen if not line.role]
    line = chosen if not chosen.role else own[0]
    shared = chosen if chosen.role else None
    return Visitor(int(account_id), own, line, request.session.get(PROVEN_LINE, 0), _listed(seen), shared)


def visitor_unhindered(request: HttpRequest) -> Visitor | None:
    """Return who is signed in, for pages open to everybody; None also while something is asked of them first."""
    hindered = is_locked(request) or request.session.get(BARRIER) or request.session.get(OFF)
    return None if hindered or request.session.get(FROZEN) else visitor_of(request)


def signed_in(view: Page) -> View:
    """Give the view the visitor, `view(request, visitor, …)`; send anybody else to sign in and back.

    Who owes something first (a new password, the PIN) sees only the page that asks for it. While the account is
    protected, forms are refused, but for those that make it safer.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visitor = visitor_of(request)
        if visitor is None:
            return _by_way_of(LOGIN, request)
        barrier = _barrier(request)
        if barrier and not _stands_at(request.path, barrier):
            return _by_way_of(barrier, request)
        if _is_refused_while_frozen(request):
            return HttpResponseRedirect(PROTECTED)
        if visitor.shared and not shared_pages.is_personal(request):
            try:
                require(visitor.shared, shared_pages.permission(request))
            except NotShared as error:
                return shared_pages.refused(request, visitor.at(visitor.shared), error)
            visitor = visitor.at(visitor.shared)
            sharing.note_look(share_id=visitor.line.share_id, at=now())
        try:
            response = view(request, visitor, *args, **kwargs)
        except Frozen:
            # Said in another browser while this request was under way.
            return HttpResponseRedirect(PROTECTED)
        # What only this person may see stays in no cache, the browser's one for "back" included.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return page


def fresh_proof(view: Page) -> View:
    """As `signed_in`, for what asks to prove anew: how long one lasts stands in docs/decisions/0006-fresh-proof.md."""

    @wraps(view)
    def page(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.session.get(FROZEN):
            return HttpResponseRedirect(PROTECTED)
        if not has_fresh_proof(request):
            return _by_way_of(CONFIRM, request)
        _note_use_of_proof(request)
        return view(request, visitor, *args, **kwargs)

    return signed_in(page)


def factor_proof(view: Page) -> View:
    """As `fresh_proof`, for what gets somebody in; where a second factor is asked for, only a proof by one counts."""

    @wraps(view)
    def page(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if fresh_proof_by(request) not in BY_FACTOR and identity.standing(visitor.account_id).has_second_factor:
            return _by_way_of(CONFIRM, request, factor="1")
        return view(request, visitor, *args, **kwargs)

    return fresh_proof(page)


def lock(request: HttpRequest) -> None:
    """Show nothing before the PIN, and take no earlier proof for fresh: the phone may be in other hands by now."""
    request.session[LOCKED] = True
    request.session.pop(PROVEN_AT, None)


def is_locked(request: HttpRequest) -> bool:
    """Return whether the app waits for its PIN."""
    return bool(request.session.get(LOCKED))


def begin(request: HttpRequest, at: datetime, *, by: Proof | None) -> None:
    """Note in a session just opened that the person is here and proved right now to be it, unless `by` is None."""
    request.session.setdefault(SEEN_AT, _seconds(at))
    if by is not None:
        _note_proof(request, at, by)


def prove_anew(request: HttpRequest, by: Proof = Proof.SMS) -> None:
    """Record a fresh proof, and what was shown; the session gets a new id, since its rights grow."""
    request.session.cycle_key()
    _note_proof(request, now(), by)


def proved_since(request: HttpRequest, moment: datetime) -> bool:
    """Return whether the person proved to be it after something happened: until then, who it was might be in doubt."""
    return has_fresh_proof(request) and _moment(request.session[PROVEN_AT]) >= moment.replace(microsecond=0)


def proved_at(request: HttpRequest) -> datetime | None:
    """Return when the person proved to be it, while that counts; in whole seconds."""
    return _moment(request.session[PROVEN_AT]) if has_fresh_proof(request) else None


def fresh_proof_by(request: HttpRequest) -> Proof | None:
    """Return what the person showed to prove anew, while that counts."""
    return Proof(request.session.get(PROVEN_BY, Proof.SMS)) if has_fresh_proof(request) else None


def forget_proof(request: HttpRequest) -> None:
    """Let an earlier proof count no more."""
    for name in (PROVEN_AT, PROOF_USED_AT, PROVEN_BY):
        request.session.pop(name, None)


def has_fresh_proof(request: HttpRequest) -> bool:
    """Return whether the person proved lately enough for what is protected."""
    proven_at, used_at = request.session.get(PROVEN_AT), request.session.get(PROOF_USED_AT)
    if proven_at is None or used_at is None:
        return False
    return proof_is_fresh(proven_at=_moment(proven_at), used_at=_moment(used_at), now=now())


def select_line(request: HttpRequest, visitor: Visitor, line_id: int) -> None:
    """Make the pages speak of another line of the visitor; raise `NoSuchLine` when it is not one."""
    if all(line.id != line_id for line in visitor.seen):
        raise NoSuchLine
    request.session[LINE] = line_id


def safe_address(address: str, otherwise: str = HOME) -> str:
    """Return `address` if it lies on this site and leads not to signing in again, else `otherwise`."""
    inside = (
        address.startswith("/")
        and len(iri_to_uri(address)) <= ADDRESS_LENGTH_MAX
        and address.isprintable()
        and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
        and not address.startswith((LOGIN, "/logout/", "/line/"))
    )
    return address if inside else otherwise


def _listed(seen: list[Line]) -> list[Line]:
    """Return the lines in the order that the person chose; what has no place in it comes after, as it came."""
    return sorted(seen, key=lambda line: (line.position is None, line.position or 0))


def _barrier(request: HttpRequest) -> str:
    """Return the page that the person is kept on; empty: none."""
    if request.session.get(OFF):
        return SWITCHED_OFF
    return PIN if is_locked(request) else request.session.get(BARRIER) or ""


def _stands_at(path: str, barrier: str) -> bool:
    """Return whether the page is part of what the person is kept on; to prove anew is, before anything but the PIN."""
    return path in PIN_PAGES if barrier == PIN else path.startswith((barrier, CONFIRM))


def _by_way_of(address: str, request: HttpRequest, **more: str) -> HttpResponse:
    """Lead there and afterwards back: to this page, or, when a form was sent, to the page it stood on."""
    back = request.get_full_path()
    if request.method not in ("GET", "HEAD"):
        back = _came_from(request)
    said = {"next": safe_address(back)} | more
    if address == LOGIN and settings.SESSION_COOKIE_NAME in request.COOKIES:
        # There was a session: the page of signing in says why there is none any more.
        said["ended"] = "1"
    response = HttpResponseRedirect(f"{address}?{urlencode(said)}")
    response["Cache-Control"] = "private, no-store"
    return response


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that the request came from."""
    try:
        came_from = urlsplit(request.META.get("HTTP_REFERER", ""))
    except ValueError:
        # No browser writes an address that is none.
        return HOME
    return came_from.path if came_from.netloc == request.get_host() else HOME


def _is_refused_while_frozen(request: HttpRequest) -> bool:
    changes = request.method not in ("GET", "HEAD")
    return changes and bool(request.session.get(FROZEN)) and not request.path.startswith(OPEN_WHILE_FROZEN)


def _note_proof(request: HttpRequest, at: datetime, by: Proof) -> None:
    request.session.update({PROVEN_AT: _seconds(at), PROOF_USED_AT: _seconds(at), PROVEN_BY: str(by)})


def _note_use_of_proof(request: HttpRequest) -> None:
    at = now()
    if at - _moment(request.session[PROOF_USED_AT]) > PROOF_NOTED_EVERY:
        request.session[PROOF_USED_AT] = _seconds(at)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
