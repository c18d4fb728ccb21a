"""Shops: a list with filters, and a map of a city that no other server draws."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abonent.domains.help import queries
from abonent.entrypoints.portal.help import shops_page
from abonent.entrypoints.portal.help.views import TEMPLATES, language
from abonent.foundation.clock import now


@require_safe
def shops(request: HttpRequest) -> HttpResponse:
    """Show the shops of all cities or of one, all or those that are open now."""
    cities = queries.cities()
    city = next((one for one in cities if one.code == request.GET.get("city", "")), None)
    page = shops_page.page(
        cities=cities, shops=queries.shops(city.code if city else ""), city=city, only_open="open" in request.GET,
        language=language(), at=now(),
    )  # fmt: skip
    return render(request, f"{TEMPLATES}shops.html", {"page": page})
