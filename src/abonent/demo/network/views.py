"""The page on which a browser chooses what it is behind, and the gateway that every request to the listener passes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.demo.network import connection
from abonent.demo.people import number_of
from abonent.demo.phone import messages

NUMBERS_OFFERED = 3
TYPED_MAX = 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def internet(request: HttpRequest) -> HttpResponse:
    """Show what this browser is behind; put it behind another phone, home line or network."""
    if request.method == "POST":
        typed = request.POST.get("behind", "")[:TYPED_MAX]
        found = connection.behind(typed)
        if typed.strip() and found is None:
            return _page(request, None, typed, wrong=True)
        response = HttpResponseRedirect("/login/" if found and request.POST.get("open") else "/phone/internet/")
        if found:
            response.set_cookie(connection.COOKIE, str(found), httponly=True, samesite="Lax")
        else:
            response.delete_cookie(connection.COOKIE, samesite="Lax")
        return response
    return _page(request, connection.behind(request.COOKIES.get(connection.COOKIE, "")), "", wrong=False)


@never_cache
@require_http_methods(["GET", "HEAD"])
def gateway(request: HttpRequest) -> HttpResponse:
    """Say to the listener who is there, as the operator's gateway does, and bring its answer back."""
    if not settings.DEMO_RECOGNISER:
        raise Http404
    who = connection.behind(request.COOKIES.get(connection.COOKIE, ""))
    if who and who.number and not messages.is_on(who.number):
        # A phone that is off is in no network.
        who = None
    number_header, line_header = settings.NETWORK_HEADERS
    try:
        address = connection.ask(
            settings.DEMO_RECOGNISER,
            request.META.get("QUERY_STRING", ""),
            who,
            number_header=number_header,
            line_header=line_header,
        )
    except connection.NoListener:
        address = ""
    # What the listener refuses to answer, it refuses in plain words to programs; a person goes on at the sign-in page.
    return HttpResponseRedirect(address or "/login/network/back/")


def _page(request: HttpRequest, behind: connection.Behind | None, typed: str, *, wrong: bool) -> HttpResponse:
    context = {
        "behind": behind,
        "typed": typed,
        "wrong": wrong,
        "offered": [number_of(place) for place in range(NUMBERS_OFFERED)],
    }
    return render(request, "demo/internet.html", context)
