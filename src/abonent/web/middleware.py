"""What every answer gets: headers, language, the maintenance page, the end of idle sessions."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from abonent.foundation import clock
from abonent.web import errors

Answer = Callable[[HttpRequest], HttpResponse]
SEEN_EVERY_S = 60
OPEN_IN_MAINTENANCE = ("/style-", "/static/", "/manifest.webmanifest", "/sw.js", "/offline/", "/language/")
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def headers(answer: Answer) -> Answer:
    """Say what the browser may do and keep: pages of somebody signed in are never kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
            response.headers.setdefault("Cache-Control", "private, no-store" if signed_in else "private, no-cache")
            patch_vary_headers(response, ["Cookie"])
        return response

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
        response.headers.setdefault("Content-Language", code)
        return response

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
    """End a session after an hour without a request; note the time at most once a minute."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            now = int(time.time())
            seen = request.session.get("seen_at")
            if seen is not None and now - seen > settings.SESSION_IDLE_S:
                request.session.flush()
            elif seen is not None and now - seen > SEEN_EVERY_S:
                request.session["seen_at"] = now
        return answer(request)

    return middleware
