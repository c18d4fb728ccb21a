"""Switches of a number: caller id, internet, abroad. A free one is pressed, one that costs leads to its price first."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.orders import actions, switches_queries, switches_rules
from abonent.domains.orders.barring import queries as barring_queries
from abonent.domains.orders.barring.rules import Direction
from abonent.domains.orders.rules import of_service
from abonent.domains.orders.switches_rules import Switch
from abonent.entrypoints.portal.calls import switches_words as words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

HERE = "/calls/switches/"
CHANNEL = "web"


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is on, what it costs and means, and what works abroad."""
    said = _("It is done within a few minutes.") if "asked" in request.GET else ""
    return _show(request, visitor, said=said)


@require_POST
@signed_in
def press(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponse:
    """Switch a free one; one that costs, or cannot be switched now, has a page that says all of it."""
    line, at = visitor.line, now()
    switch = next((one for one in Switch if one == name), None)
    if switch is None or request.POST.get("line") != f"{line.id}":
        raise Http404
    standing = switches_queries.standing(line, switch, at)
    if standing is None:
        raise Http404
    service = HttpResponseRedirect(f"/services/{standing.version.code}/")
    if not switches_rules.is_free(standing.version):
        return service
    try:
        order_id, action = UUID(request.POST.get("id", "")), of_service(request.POST.get("action", ""))
    except ValueError:
        problem = _("The form came incomplete, and nothing was changed")
        return _show(request, visitor, problem=problem, status=HTTPStatus.BAD_REQUEST)
    wish = actions.Wish(
        order_id=order_id, line=line, action=action, offer_version_id=standing.version.id or 0, total_minor=0,
        effective_at=None, channel=CHANNEL, account_id=visitor.account_id,
    )  # fmt: skip
    try:
        actions.place(wish=wish, at=at)
    except (actions.Refused, actions.Changed):
        return service
    except actions.DifferentOrder:
        problem = _("This form was used before, and nothing was changed now")
        return _show(request, visitor, problem=problem, status=HTTPStatus.CONFLICT)
    return HttpResponseRedirect(f"{HERE}?asked")


def _show(
    request: HttpRequest, visitor: Visitor, *, said: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    line = visitor.line
    page = None
    if line.service == "mobile":
        incoming = barring_queries.standings(line.id, [Direction.IN])[0].program
        page = words.present(switches_queries.overview(line, now()), incoming)
    context = {"visitor": visitor, "page": page, "said": said, "problem": problem}
    return render(request, "portal/calls/switches.html", context, status=status)
