"""One's data: a copy of all of it, and its deletion, asked for and called off."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import erasing, exporting, queries
from abonent.entrypoints.portal.identity.security import copy as copies
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, safe_address, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

DATA = "/security/data/"
ERASURE = "/security/erasure/"
ASK = "/security/erasure/ask/"
# How long the law has an operator keep what belongs to a contract after its end, and what belongs to its books.
CONTRACT_KEPT_YEARS = 3
BOOKS_KEPT_YEARS = 5

form = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@fresh_proof
def data(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what the copy holds."""
    return render(request, "portal/identity/security/data.html", {"visitor": visitor, "refused": ""})


@form
@fresh_proof
def copy(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Give the copy of everything held on the visitor."""
    if request.method != "POST":
        return HttpResponseRedirect(DATA)
    at = now()
    try:
        exporting.begin(account_id=visitor.account_id, at=at)
    except exporting.TooOften as error:
        words = _("A copy can be made three times a day. Come back after %(moment)s") % {
            "moment": formats.moment(error.until)
        }
        context = {"visitor": visitor, "refused": words}
        response = render(request, "portal/identity/security/data.html", context, status=429)
        response["Retry-After"] = str(max(1, round((error.until - at).total_seconds())))
        return response
    email = queries.standing(visitor.account_id).email
    file = copies.write(copies.parts(visitor, email), visitor, at)
    name = _("My data")
    named = f"{name} {timezone.localdate(at)}.zip"
    return FileResponse(file, as_attachment=True, filename=named, content_type="application/zip")


@form
@signed_in
def erasure(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say when the cabinet will be deleted, and call it off."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST":
        erasing.call_off(account_id=visitor.account_id, at=now())
        return HttpResponseRedirect(f"{ERASURE}?kept")
    erase_at = queries.standing(visitor.account_id).erase_at
    if erase_at is None and "kept" not in request.GET:
        return HttpResponseRedirect(ASK)
    context = {"visitor": visitor, "moment": formats.moment(erase_at) if erase_at else "", "next": wanted}
    return render(request, "portal/identity/security/erasure.html", context)


@form
@fresh_proof
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what is deleted, what has to stay and how long, and take the wish."""
    if request.method == "POST":
        erasing.ask(account_id=visitor.account_id, at=now())
        return HttpResponseRedirect(ERASURE)
    if queries.standing(visitor.account_id).erase_at:
        return HttpResponseRedirect(ERASURE)
    context = {
        "visitor": visitor,
        "days": settings.ERASED_AFTER.days,
        "contract_years": CONTRACT_KEPT_YEARS,
        "books_years": BOOKS_KEPT_YEARS,
    }
    return render(request, "portal/identity/security/erasure_ask.html", context)
