"""Before everything else: more passwords than can be checked are turned away for next to nothing.

Nothing was counted, checked or asked of the database by then, and everybody else goes on; entry by code, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation

from abonent.domains.identity import hashing

PASSWORD = "/login/password/"  # noqa: S105 - an address

Answer = Callable[[HttpRequest], HttpResponse]


def door(answer: Answer) -> Answer:
    """Turn away passwords that come faster than they could be hashed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info == PASSWORD and not hashing.door().lets_in():
            return busy()
        return answer(request)

    return middleware


def busy() -> HttpResponse:
    """Say when to try again, and which way in is open meanwhile."""
    response = HttpResponse(_page(translation.get_language() or "ru"), status=503)
    response["Retry-After"] = str(hashing.BUSY_FOR_S)
    response["Cache-Control"] = "no-store"
    return response


@cache
def _page(language: str) -> str:
    with translation.override(language):
        return loader.render_to_string("portal/identity/passwords/busy.html")
