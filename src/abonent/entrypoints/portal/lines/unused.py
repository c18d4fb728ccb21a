"""A number that nobody uses: when it is blocked and given away, and having it back after a fresh proof."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.billing import queries
from abonent.domains.billing.idle import actions as idle
from abonent.domains.billing.idle import queries as idle_queries
from abonent.domains.billing.idle.queries import Idle
from abonent.domains.identity import journal
from abonent.domains.lines.bars.rules import Kind
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

ADDRESS = "/lines/unused/"


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how the number stands, what becomes of it when, what of the money, and the ways to keep it."""
    line = visitor.line
    standing = idle_queries.of_line(line.id)
    context = {
        "visitor": visitor,
        "facts": _facts(standing) if standing else [],
        "balance": formats.money(queries.balance(line.contract_id)),
        "blocked": Kind.UNUSED in line.bars,
        "may_lift": standing is not None and standing.blocked_on is not None,
        "idle": standing is not None,
        "lifted": "lifted" in request.GET,
    }
    return render(request, "portal/lines/unused.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def lift(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let the number work again, for whoever proved just now to be the owner."""
    standing = idle_queries.of_line(visitor.line.id)
    if standing is None or standing.blocked_on is None:
        return HttpResponseRedirect(ADDRESS)
    if request.method != "POST":
        return render(request, "portal/lines/unused_lift.html", {"visitor": visitor})
    if request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
    idle.lift(line_id=visitor.line.id, by=journal.OWNER, at=now())
    return HttpResponseRedirect(f"{ADDRESS}?lifted")


def _facts(standing: Idle) -> list[tuple[str, str]]:
    facts = [(_("Last used"), formats.day(standing.active_on, year=True))]
    if standing.blocked_on and standing.release_on:
        facts.append((_("Blocked since"), formats.day(standing.blocked_on, year=True)))
        facts.append((_("Yours to have back until"), formats.day(standing.release_on, year=True)))
    else:
        facts.append((_("Will be blocked on"), formats.day(standing.blocks_on, year=True)))
    return facts
