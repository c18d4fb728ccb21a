"""Orders: all of them, and one with its timeline, its receipt, its trace at the network and its undo."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.orders import actions, queries
from abonent.domains.orders.states import State
from abonent.entrypoints.portal.orders import order_page, own_page
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATES = "portal/orders/"


@require_safe
@signed_in
def history(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what was ordered for the visitor's lines, all or in one state."""
    wanted = request.GET.get("state", "")
    state = State(wanted) if wanted in set(State) else None
    found = queries.orders(line_ids=[line.id for line in visitor.lines], state=state, role=visitor.line.role)
    page = order_page.history(found, visitor.lines, state)
    return render(request, f"{TEMPLATES}orders.html", {"visitor": visitor, "page": page})


@require_safe
@signed_in
def order(request: HttpRequest, visitor: Visitor, order_id: UUID) -> HttpResponse:
    """Show one order and what became of it; the page is the same before and after, so it can be kept."""
    return _page(request, visitor, order_id, too_late="late" in request.GET)


@require_POST
@signed_in
def undo(_request: HttpRequest, visitor: Visitor, order_id: UUID) -> HttpResponse:
    """Call an order off, unless it has taken effect: then its page says so."""
    try:
        line_ids = [line.id for line in visitor.lines]
        actions.undo(order_id=order_id, line_ids=line_ids, at=now(), role=visitor.line.role)
    except queries.NoSuchOrder:
        raise Http404 from None
    except actions.TooLate:
        return HttpResponseRedirect(f"/orders/{order_id}/?late")
    return HttpResponseRedirect(f"/orders/{order_id}/")


def _page(request: HttpRequest, visitor: Visitor, order_id: UUID, *, too_late: bool) -> HttpResponse:
    try:
        line_ids = [line.id for line in visitor.lines]
        found = queries.trace(order_id=order_id, line_ids=line_ids, role=visitor.line.role)
    except queries.NoSuchOrder:
        raise Http404 from None
    page = order_page.one(found, visitor.lines, now(), too_late=too_late, of_line=own_page.of(found.order))
    return render(request, f"{TEMPLATES}order.html", {"visitor": visitor, "page": page})
