"""The page of a number's calls: forwarding, the SIM, internet settings, services beside them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abonent.domains.orders.forwarding import queries as forwarding_queries
from abonent.entrypoints.portal.calls import page, words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show where calls go, and what the SIM and the phone need."""
    said = next((name for name in words.SAID if name in request.GET), "")
    return show(request, visitor, said=said)


def show(
    request: HttpRequest, visitor: Visitor, *, said: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    """Return the page, with what was done or why it was not."""
    line, at = visitor.line, now()
    found = page.present(line, forwarding_queries.overview(line, at)) if line.service == "mobile" else None
    context = {
        "visitor": visitor,
        "page": found,
        "said": words.SAID[said]() if said else "",
        "good": said not in words.NOT_DONE,
        "problem": problem,
    }
    return render(request, "portal/calls/calls.html", context, status=status)
