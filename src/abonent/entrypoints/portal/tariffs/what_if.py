"""What one would have paid under other tariffs, and how a month of it comes about."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from abonent.domains.billing import queries_what_if as billing
from abonent.domains.billing.rating.what_if import Window
from abonent.domains.catalog import queries as catalog
from abonent.entrypoints.portal.tariffs import what_if_page as page
from abonent.entrypoints.portal.tariffs.views import offered_to
from abonent.entrypoints.portal.tariffs.words import Places
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation import clock
from abonent.web import format as formats


@require_safe
@signed_in
def compare(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what the last whole months of the selected line would have cost under every tariff on sale."""
    months = billing.window(visitor.line, _today())
    if months is None:
        opened = formats.day(visitor.line.opened_at, year=True)
        return render(request, "portal/tariffs/compare_empty.html", {"visitor": visitor, "opened_day": opened})
    offered = offered_to(visitor)
    found = billing.compared(visitor.line, [offer.version for offer in offered.all], months)
    context = {"visitor": visitor, "page": page.compared(found, offered, visitor.line)}
    return render(request, "portal/tariffs/compare.html", context)


@require_safe
@signed_in
def month(request: HttpRequest, visitor: Visitor, code: str, month: str) -> HttpResponse:
    """Show how one month comes to its sum under a tariff."""
    months = billing.window(visitor.line, _today())
    offer = offered_to(visitor).find(code)
    first = _asked(month, months) if months else None
    if offer is None or first is None:
        raise Http404
    found = billing.explained(visitor.line, offer.version, first)
    places = Places.of(catalog.geography())
    context = {"visitor": visitor, "page": page.explained(found, offer.version, places)}
    return render(request, "portal/tariffs/compare_month.html", context)


def _asked(month: str, months: Window) -> date | None:
    return next((first for first in months.months if f"{first:%Y-%m}" == month), None)


def _today() -> date:
    return timezone.localdate(clock.now())
