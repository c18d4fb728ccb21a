"""The tariffs on sale, and one of them beside one's own."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import Offered
from abonent.domains.catalog.rules_comparison import compared
from abonent.domains.orders.tariffs import queries as tariffs_queries
from abonent.entrypoints.portal.tariffs import page
from abonent.entrypoints.portal.tariffs.words import Places
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation import clock


@require_safe
@signed_in
def tariffs(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show one's own tariff and what else is on sale for the selected line."""
    offered = offered_to(visitor)
    context = {
        "visitor": visitor,
        "own": page.offer(offered.own, offered.own),
        "families": page.families(offered),
        "coming": page.coming(tariffs_queries.coming(visitor.line.id), clock.now()),
    }
    return render(request, "portal/tariffs/tariffs.html", context)


@require_safe
@signed_in
def tariff(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Show everything a tariff costs, row by row beside one's own."""
    offered = offered_to(visitor)
    found = offered.find(code)
    if found is None:
        raise Http404
    rows = page.compared(compared(found.version, offered.own.version), Places.of(catalog.geography()))
    context = {
        "visitor": visitor,
        "offer": page.offer(found, offered.own),
        "own": page.offer(offered.own, offered.own),
        "facts": page.facts(found, prepaid=visitor.line.prepaid),
        "rows": rows,
    }
    return render(request, "portal/tariffs/tariff.html", context)


def offered_to(visitor: Visitor) -> Offered:
    """Return what the visitor sees of the tariffs for the selected line."""
    line = visitor.line
    return catalog.offered(service=line.service, held=line.tariff_version_id, day=timezone.localdate(clock.now()))
