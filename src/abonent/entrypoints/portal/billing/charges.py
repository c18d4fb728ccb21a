"""Coming charges: what will be taken when, what is left after each, what is missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abonent.domains.billing.fees.forecast import forecast
from abonent.domains.orders import queries_planned
from abonent.entrypoints.portal.billing.charges_page import present
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation import clock


@require_safe
@signed_in
def charges(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is coming to the contract of the selected line, which its lines pay together."""
    now = clock.now()
    contract_id = visitor.line.contract_id
    found = forecast(contract_id=contract_id, now=now, planned=queries_planned.of_contract(contract_id, now))
    page = present(found, visitor.lines, visitor.line, timezone.localdate(now))
    return render(request, "portal/billing/charges.html", {"visitor": visitor, "page": page})
