"""A phone is lost or stolen: its number is blocked at once; it is there again: the block is lifted."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from abonent.domains.identity import journal
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.visitor import Visitor, forget_proof, fresh_proof, proved_since, signed_in
from abonent.foundation.clock import now

BLOCK, FOUND = "/lines/block/", "/lines/found/"


@require_POST
@signed_in
def report(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Block a number of the visitor at once: that is free, can be undone, and asks for no proof.

    Whoever has only the session can do no harm by it but a nuisance, and who has lost the phone has no time.
    """
    line = _own(request, visitor)
    bars.report_lost(line_id=line.id, by=journal.OWNER, at=now())
    return HttpResponseRedirect(BLOCK)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def found(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Lift the block of a lost phone, for whoever proved to be the owner since, by something else than that phone."""
    bar = bars_queries.stands(visitor.line.id, Kind.LOST)
    if bar is None:
        return HttpResponseRedirect(BLOCK)
    if not proved_since(request, bar.since):
        # The code may have gone to the phone when that was lost already. No code goes there now.
        forget_proof(request)
        return HttpResponseRedirect(FOUND)
    if request.method == "POST":
        bars.found_again(line_id=_own(request, visitor).id, by=journal.OWNER, at=now())
        return HttpResponseRedirect(f"{BLOCK}?found")
    return render(request, "portal/lines/found.html", {"visitor": visitor})


def _own(request: HttpRequest, visitor: Visitor) -> Line:
    """Return the line that the form spoke of, if the pages still speak of it; anything else is not there."""
    if request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
    return visitor.line
