"""The channels of a smart card, sent to it once more."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.lines.activations import actions as activations
from abonent.domains.lines.activations import queries as activations_queries
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.entrypoints.portal.fixed import page, words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

HERE = "/activation/"


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the card, what was sent to it lately, and what helps before it is sent anew."""
    return _show(request, visitor)


@require_POST
@signed_in
def again(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send the channels to the card of the line that the form spoke of; a form sent twice is one."""
    if request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
    try:
        activation_id = UUID(request.POST.get("id", ""))
    except ValueError:
        return _show(request, visitor, _("The form came incomplete, and nothing was sent. Press once more"), 400)
    try:
        activations.ask(activation_id=activation_id, line_id=visitor.line.id, account_id=visitor.account_id, at=now())
    except activations.Refused as refused:
        return _show(request, visitor, words.no_activation(refused.refusal), 409)
    return HttpResponseRedirect(f"{HERE}?sent")


def _show(request: HttpRequest, visitor: Visitor, problem: str = "", status: int = 200) -> HttpResponse:
    line, at = visitor.line, now()
    satellite = line.service == "satellite"
    context = {
        "visitor": visitor,
        "page": page.activating(
            line,
            equipment_queries.card_of(line.id) if satellite else "",
            activations_queries.lately(line.id) if satellite else [],
            activations_queries.refused(line, at),
        ),
        "satellite": satellite,
        "form_id": uuid4(),
        "sent": "sent" in request.GET,
        "problem": problem,
        "writes": visitor.opens("/requests/"),
    }
    return render(request, "portal/fixed/activation.html", context, status=status)
