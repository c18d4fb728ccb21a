"""A technician comes: when it suits, for what; moved or called off in time."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.support.requests.actions import New
from abonent.domains.support.requests.rules import Channel, Kind, TooMany
from abonent.domains.support.rules import NotThere
from abonent.domains.support.visits import actions as visits
from abonent.domains.support.visits import queries as visits_queries
from abonent.domains.support.visits.queries import Offer, Visit
from abonent.domains.support.visits.rules import Why
from abonent.entrypoints.portal.fixed import visits_page, words
from abonent.entrypoints.portal.requests import words as request_words
from abonent.entrypoints.portal.requests.forms import WordForm
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

HERE = "/visits/"
# No id of PostgreSQL's is larger.
ID_MAX = 2**63


class VisitForm(WordForm):
    """What is wrong, and the window in which somebody comes."""

    starts = forms.CharField(label=gettext_lazy("When it suits you"), required=False)
    field_order = ("key", "text", "starts")

    def __init__(self, data: QueryDict | None) -> None:
        hint = _("For example: no internet since yesterday, the lamp on the router is red")
        super().__init__(data, label=_("What is wrong"), hint=hint)

    def clean_starts(self) -> datetime:
        found = _moment(self.cleaned_data["starts"])
        if found is None:
            raise forms.ValidationError(_("Choose when somebody can come"))
        return found


@require_safe
@signed_in
def listing(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the visits that come and that were."""
    rows = [visits_page.row(one) for one in visits_queries.of_account(visitor.account_id)]
    context = {"visitor": visitor, "rows": rows, "fixed": visitor.line.service != "mobile"}
    return render(request, "portal/fixed/visits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask what is wrong and when it suits; then book it. What was typed stays when something else is wrong."""
    if visitor.line.service == "mobile":
        return HttpResponseRedirect(HERE)
    form = VisitForm(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if form.is_bound and request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
    if form.is_bound and form.is_valid():
        wish = visits.Wish(_request(visitor, form), form.cleaned_data["starts"])
        try:
            visit_id = visits.book(wish=wish, at=now())
        except visits.Refused as refused:
            problem, status = words.no_visit(refused.why), 409
        except TooMany as too_many:
            problem, status = request_words.too_many(too_many), 409
        except NotThere:
            raise Http404 from None
        else:
            return HttpResponseRedirect(f"{HERE}{visit_id}/?booked")
    offer = visits_queries.offer(visitor.line.id, now())
    context = {
        "visitor": visitor, "form": form, "days": visits_page.days(offer.slots), "problem": problem,
        "chosen": request.POST.get("starts", ""), "address": offer.premises.address if offer.premises else "",
        "refused": _stands_in_the_way(offer), "coming": offer.coming,
    }  # fmt: skip
    return render(request, "portal/fixed/visit_new.html", context, status=status)


@require_safe
@signed_in
def one(request: HttpRequest, visitor: Visitor, visit_id: int) -> HttpResponse:
    """Show one visit, and what can still be done about it."""
    said = next((name for name in ("booked", "moved", "cancelled") if name in request.GET), "")
    return _one(request, visitor, visit_id, said=said)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def move(request: HttpRequest, visitor: Visitor, visit_id: int) -> HttpResponse:
    """Choose another window, and have the visit in it."""
    found, problem, status = _visit(visitor, visit_id), "", 200
    if request.method == "POST":
        starts_at = _moment(request.POST.get("starts", ""))
        try:
            if starts_at is None:
                problem, status = _("Choose when somebody can come"), 422
            else:
                visits.move(account_id=visitor.account_id, visit_id=visit_id, starts_at=starts_at, at=now())
                return HttpResponseRedirect(f"{HERE}{visit_id}/?moved")
        except visits.Refused as refused:
            problem, status = words.no_visit(refused.why), 409
    if not found.may_be_changed(now()):
        return _one(request, visitor, visit_id, problem=problem or words.no_visit(Why.TOO_LATE), status=409)
    offer = visits_queries.offer(found.line_id, now())
    context = {
        "visitor": visitor, "page": visits_page.shown(found, now()), "days": visits_page.days(offer.slots),
        "problem": problem, "chosen": "",
    }  # fmt: skip
    return render(request, "portal/fixed/visit_move.html", context, status=status)


@require_POST
@signed_in
def cancel(request: HttpRequest, visitor: Visitor, visit_id: int) -> HttpResponse:
    """Call the visit off, and its request with it."""
    _visit(visitor, visit_id)
    try:
        visits.cancel(account_id=visitor.account_id, visit_id=visit_id, at=now())
    except visits.Refused as refused:
        return _one(request, visitor, visit_id, problem=words.no_visit(refused.why), status=409)
    return HttpResponseRedirect(f"{HERE}{visit_id}/?cancelled")


def _request(visitor: Visitor, form: VisitForm) -> New:
    return New(
        key=form.id, account_id=visitor.account_id, holder=visitor.line, line_id=visitor.line.id,
        kind=Kind.EQUIPMENT, subject=_("A technician is to come"), text=form.cleaned_data["text"],
        channel=Channel.SMS if any(line.service == "mobile" for line in visitor.lines) else Channel.CABINET,
        language=translation.get_language() or visitor.line.language, quiet=True,
    )  # fmt: skip


def _stands_in_the_way(offer: Offer) -> str:
    if offer.coming is not None:
        return words.no_visit(Why.ALREADY)
    if offer.premises is None:
        return words.no_visit(Why.NO_ADDRESS)
    return "" if offer.slots else words.no_visit(Why.NO_DISTRICT)


def _one(
    request: HttpRequest, visitor: Visitor, visit_id: int, *, said: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    found = _visit(visitor, visit_id)
    context = {
        "visitor": visitor, "page": visits_page.shown(found, now()), "request_id": found.request_id,
        "request_number": found.request, "said": said, "problem": problem,
    }  # fmt: skip
    return render(request, "portal/fixed/visit.html", context, status=status)


def _visit(visitor: Visitor, visit_id: int) -> Visit:
    if visit_id >= ID_MAX:
        raise Http404
    try:
        return visits_queries.visit(visit_id, visitor.account_id)
    except NotThere:
        raise Http404 from None


def _moment(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed[:40])
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
