"""Entry by the operator's own network: to the listener behind the gateway, and back with its ticket."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_urlsafe
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import recognition
from abonent.domains.identity.recognition_rules import NONCE_LIFE, Fault, NotRecognised, nonce_of
from abonent.domains.identity.rules import Way
from abonent.domains.lines import recognition as lines
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.federation import words
from abonent.entrypoints.portal.visitor import LOGIN, safe_address
from abonent.foundation.clock import now

NONCE = f"{browser.HOST_ONLY}network"
# Where a browser says that a request comes from; those too old to say so are taken at their word.
OWN, TYPED = "same-origin", "none"

page = require_http_methods(["GET", "HEAD"])


@page
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Give the browser random words and send it to the listener with what may be known of them.

    Only somebody who came by a page of ours, or typed the address: no foreign page signs anybody in.
    """
    if not settings.RECOGNISER_URL:
        raise Http404
    if request.headers.get("Sec-Fetch-Site", OWN) not in (OWN, TYPED):
        return HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': safe_address(request.GET.get('next', ''))})}")
    words_held = token_urlsafe(24)
    asked = urlencode({"nonce": nonce_of(words_held), "host": request.get_host()})
    response = HttpResponseRedirect(f"{settings.RECOGNISER_URL}?{asked}")
    value = signing.dumps([words_held, safe_address(request.GET.get("next", ""))], salt=NONCE)
    response.set_cookie(
        NONCE, value, max_age=NONCE_LIFE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@page
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Let in whom the network recognised: its ticket counts once, in the browser that was sent there."""
    if not settings.RECOGNISER_URL:
        raise Http404
    held, wanted = _held(request)
    try:
        response = _enter(request, held, wanted)
    except NotRecognised as error:
        response = _failed(request, error.fault, wanted)
    response.delete_cookie(NONCE, samesite="Lax")
    return response


def _enter(request: HttpRequest, held: str, wanted: str) -> HttpResponse:
    ticket = request.GET.get("ticket", "")
    if not ticket:
        raise NotRecognised(Fault.UNKNOWN)
    if not held:
        raise NotRecognised(Fault.FORGED)
    at = now()
    seen = recognition.take(ticket=ticket, held=held, audience=request.get_host(), at=at)
    entered = lines.enter(seen=seen, language=translation.get_language() or "ru", at=at)
    return admit(request, Proven(entered.account_id, entered.line_id, Way.NETWORK, wanted))


def _held(request: HttpRequest) -> tuple[str, str]:
    """Return the random words that this browser got, and where it wanted to go; empty words for none."""
    try:
        held, wanted = signing.loads(request.COOKIES.get(NONCE, ""), salt=NONCE, max_age=NONCE_LIFE)
        return str(held), safe_address(str(wanted))
    except (signing.BadSignature, ValueError, TypeError):
        return "", safe_address("")


def _failed(request: HttpRequest, fault: Fault, wanted: str) -> HttpResponse:
    context = {"said": words.fault(fault), "again": fault is not Fault.HELD, "next": wanted, "login": LOGIN}
    known = fault in (Fault.UNKNOWN, Fault.HELD)
    return render(
        request, "portal/identity/federation/not_recognised.html", context,
        status=HTTPStatus.OK if known else HTTPStatus.BAD_REQUEST,
    )  # fmt: skip
