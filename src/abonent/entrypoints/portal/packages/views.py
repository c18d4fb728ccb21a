"""The pages of packages: what is left, what can be bought; that one is bought no more."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.gifts import queries as gifts_queries
from abonent.domains.billing.packages import actions as billing
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.orders import queries as orders
from abonent.entrypoints.portal.families import page as families
from abonent.entrypoints.portal.packages import page
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

TEMPLATES = "portal/packages/"
HERE = "/packages/"


@require_safe
@signed_in
def packages(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show every bucket of the line with what is left, and what was bought, given and got."""
    at, line = now(), visitor.line
    left = packages_queries.left_overs(line, at)
    bought = packages_queries.bought([line.id])
    ids = {one.offer_version_id for one in bought} | {one.offer_version_id or 0 for one in left}
    versions = offers_queries.offer_versions(ids - {0})
    member = families_queries.membership(line, at)
    context = {
        "visitor": visitor,
        "family": families.member(member, at) if member else None,
        "kinds": page.kinds(left, catalog.tariff_version(line.tariff_version_id), versions),
        "history": page.history(bought, gifts_queries.history([line.id]), line.id, versions),
        "said": "stopped" if "stopped" in request.GET else "",
    }
    return render(request, f"{TEMPLATES}packages.html", context)


@require_safe
@signed_in
def buy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the packages that are sold for the line."""
    shelves = page.shop(orders.packages(visitor.line, now()))
    return render(request, f"{TEMPLATES}buy.html", {"visitor": visitor, "shelves": shelves})


@require_POST
@signed_in
def stop(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Have a package bought no more when it ends."""
    try:
        bucket_id = UUID(request.POST.get("id", ""))
        billing.stop(bucket_id=bucket_id, line_ids=[line.id for line in visitor.lines], at=now())
    except (ValueError, billing.NoSuchPackage):
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?stopped")
