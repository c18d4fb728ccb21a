"""What every answer gets: headers, language, words for a refused method, maintenance, the end of idle sessions."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from abonent.foundation import clock
from abonent.web import errors, uploads

Answer = Callable[[HttpRequest], HttpResponse]
SEEN_EVERY_S = 60
# Five minutes without a request, whose time is noted only once a minute: earlier by that, and never later.
PIN_AFTER_S = 5 * 60
TAKEN_IN_MAX = 2 * 1024 * 1024
OPEN_IN_MAINTENANCE = ("/style-", "/cabinet-", "/static/", "/manifest.webmanifest", "/sw.js", "/offline/", "/language/")
ALWAYS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def headers(answer: Answer) -> Answer:
    """Say what the browser may do and keep: pages of somebody signed in are never kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
            response.headers.setdefault("Cache-Control", "private, no-store" if signed_in else "private, no-cache")
            patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def whole_request(answer: Answer) -> Answer:
    """Take in a form that is too large to look at: a browser that cannot finish sending shows no page.

    What is larger than any form of that address is refused before a byte of it is read.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > uploads.limit_of(request.path, TAKEN_IN_MAX):
            return errors.too_large(request)
        response = answer(request)
        if length.isdecimal() and settings.DATA_UPLOAD_MAX_MEMORY_SIZE < int(length) <= TAKEN_IN_MAX:
            request.META["wsgi.input"].read()
        return response

    return middleware


def network_claims(answer: Answer) -> Answer:
    """Leave out what only the operator's gateway may say: it says that to another listener, anybody else lies."""
    claimed = tuple(f"HTTP_{header.upper().replace('-', '_')}" for header in settings.NETWORK_HEADERS)

    def middleware(request: HttpRequest) -> HttpResponse:
        for name in claimed:
            request.META.pop(name, None)
        return answer(request)

    return middleware


def language(answer: Answer) -> Answer:
    """Speak the language of the cookie, Russian without one; a person's choice, never the browser's guess."""
    known = {code for code, _ in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = answer(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Content-Language", code)
        return response

    return middleware


def refused_methods(answer: Answer) -> Answer:
    """Give a refused method a page: what comes from Django is blank."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        return errors.method_not_allowed(request, response["Allow"])

    return middleware


def maintenance(answer: Answer) -> Answer:
    """Close every page until `MAINTENANCE_UNTIL`; the look stays open, so that the notice can be read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        until = settings.MAINTENANCE_UNTIL
        if until is None or request.path.startswith(OPEN_IN_MAINTENANCE) or clock.now() >= until:
            return answer(request)
        return errors.maintenance(request, until)

    return middleware


def idle_sessions(answer: Answer) -> Answer:
    """End a session after an hour without a request, but an app's, which asks for its PIN instead.

    The time of a request is noted at most once a minute: it is what the list of sessions says, too. An app asks for
    its PIN after five minutes.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            now = int(clock.now().timestamp())
            seen = request.session.get("seen_at")
            in_app = request.session.get("in_app")
            if seen is not None and now - seen > settings.SESSION_IDLE_S and not in_app:
                request.session.flush()
            elif in_app and seen is not None and now - seen >= PIN_AFTER_S:
                # The phone may be in other hands: no proof from before counts as fresh.
                request.session["locked"] = True
                request.session.pop("proven_at", None)
                request.session["seen_at"] = now
            elif seen is not None and now - seen > SEEN_EVERY_S:
                request.session["seen_at"] = now
        return answer(request)

    return middleware
