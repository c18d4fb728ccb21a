"""The things that a line is used with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.entrypoints.portal.fixed import page
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now


@require_safe
@signed_in
def equipment(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what there is, whose it is, what is paid for it and until when the warranty lasts."""
    line = visitor.line
    devices = equipment_queries.of_line(line.id) if line.service != "mobile" else []
    context = {
        "visitor": visitor,
        "things": page.things(devices, timezone.localdate(now())),
        "mobile": line.service == "mobile",
        "writes": visitor.opens("/requests/"),
    }
    return render(request, "portal/fixed/equipment.html", context)
