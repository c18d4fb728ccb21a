"""Before everything else: more passwords than can be checked are turned away for next to nothing.

It stands in front of Django: nothing was counted, looked at, logged or asked of the database by then, and everybody
else goes on, entry by code included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.shortcuts import render

from abonent.domains.identity import hashing

PASSWORD = "/login/password/"  # noqa: S105 - an address
BUSY = f"{PASSWORD}busy/"

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]


def busy(request: HttpRequest) -> HttpResponse:
    """Say when to try again, and which way in is open meanwhile."""
    response = render(request, "portal/identity/passwords/busy.html", status=503)
    response["Retry-After"] = str(hashing.BUSY_FOR_S)
    response["Cache-Control"] = "no-store"
    return response


class Door:
    """A WSGI application in front of `inner`, which turns away passwords that come faster than they are hashed.

    The page it answers with is the site's own, asked for once in each language.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._pages: dict[str, tuple[Headers, bytes]] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != PASSWORD or hashing.door().lets_in():
            return self._inner(environ, start_response)
        headers, page = self._page(environ)
        start_response("503 Service Unavailable", headers)
        return [page]

    def _page(self, environ: Environ) -> tuple[Headers, bytes]:
        language = _language(environ)
        if language not in self._pages:
            said: list[Headers] = []
            asked = environ | {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": BUSY,
                "QUERY_STRING": "",
                "CONTENT_LENGTH": "0",
                "HTTP_COOKIE": f"{settings.LANGUAGE_COOKIE_NAME}={language}",
            }
            answer = self._inner(asked, lambda _status, headers, *_: said.append(headers))
            page = b"".join(answer)
            close = getattr(answer, "close", None)
            if close:
                close()
            self._pages[language] = said[0], page
        return self._pages[language]


def _language(environ: Environ) -> str:
    """Return the language of the cookie, as far as it is one of ours."""
    chosen = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
