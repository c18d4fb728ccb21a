"""Another number: the shelf with its search, a number held, the question with all that follows, the order."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.lines.numbers.actions import NotFree
from abonent.domains.lines.numbers.rules import WISHED_MOST, BadDigits, wished
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.orders import actions
from abonent.domains.orders.numbers import actions as numbers
from abonent.domains.orders.numbers import queries as numbers_queries
from abonent.domains.orders.sims import actions as sims
from abonent.domains.orders.sims.queries import NotOffered
from abonent.domains.orders.sims.rules import Refusal, Why
from abonent.entrypoints.portal.sims import page, words
from abonent.entrypoints.portal.sims.page import Search
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now

TEMPLATES, HERE, CHANNEL = "portal/sims/", "/number/", "web"
TYPED_MAX = 40
E164 = re.compile(r"\+[0-9]{5,15}", re.ASCII)


@require_safe
@signed_in
def shelf(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show free numbers by wished digits, region and kind, each with its price."""
    return _shelf(request, visitor)


@require_POST
@signed_in
def hold(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Keep a number from others while its price and all that follows are looked at; that costs nothing."""
    number = _number(request.POST.get("number", ""))
    _own(request, visitor)
    try:
        numbers.hold(line=visitor.line, number=number, account_id=visitor.account_id, at=now())
    except NotFree:
        said = _("Somebody else has just chosen this number. Choose another one")
        return _shelf(request, visitor, problem=said, status=409)
    except sims.Refused as refused:
        return _shelf(request, visitor, problem=words.refused(refused.refusal), status=409)
    return HttpResponseRedirect(f"{HERE}confirm/?{urlencode({'number': number})}")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say all that the number means and costs; then order it."""
    line, at = visitor.line, now()
    if line.service != "mobile":
        return HttpResponseRedirect(HERE)
    if request.method == "POST":
        return _ordered(request, visitor)
    try:
        standing = numbers_queries.standing(line, _number(request.GET.get("number", "")), at)
    except NotOffered:
        return HttpResponseRedirect(HERE)
    if standing.refusal is not None and standing.refusal.why is Why.NOT_HELD:
        return _shelf(request, visitor, problem=words.refused(standing.refusal), status=409)
    agreed = sharing_queries.agreements(account_id=visitor.account_id, own_lines=[line.id])
    shared = sum(one.line_id == line.id for one in agreed)
    question = page.number_question(standing, line, uuid4(), seen_by_others=shared)
    context = {
        "visitor": visitor, "page": question, "action": f"{HERE}confirm/", "back": (HERE, _("Choose a number")),
    }  # fmt: skip
    return render(request, f"{TEMPLATES}question.html", context)


def _ordered(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    sent = request.POST
    _own(request, visitor)
    try:
        wish = numbers.Wish(
            order_id=UUID(sent.get("id", "")), line=visitor.line, number=_number(sent.get("number", "")),
            rules_id=int(sent.get("rules", "")), total_minor=int(sent.get("total_minor", "")), channel=CHANNEL,
            account_id=visitor.account_id,
        )  # fmt: skip
        placed = numbers.place(wish=wish, at=now())
    except (ValueError, OverflowError):
        said = _("The form came incomplete, and nothing was ordered. Choose the number again")
        return _shelf(request, visitor, problem=said, status=400)
    except sims.Refused as refused:
        said = _("Nothing was ordered. %(why)s") % {"why": words.refused(refused.refusal)}
        return _shelf(request, visitor, problem=said, status=409)
    except actions.Changed:
        said = _("The price has changed since, and nothing was ordered. Choose the number again")
        return _shelf(request, visitor, problem=said, status=409)
    except actions.DifferentOrder:
        said = _("This form was used before, and nothing was ordered now")
        return _shelf(request, visitor, problem=said, status=409)
    return HttpResponseRedirect(f"/orders/{placed.id}/")


def _shelf(request: HttpRequest, visitor: Visitor, *, problem: str = "", status: int = 200) -> HttpResponse:
    asked, line, given = _asked(request), visitor.line, request.GET
    found, refusal = None, Refusal(Why.NOT_MOBILE)
    if line.service == "mobile":
        try:
            found = numbers_queries.shelf(
                line, now(), digits="" if asked.problem else wished(asked.digits), at_end=asked.at_end,
                region=asked.region, kind=asked.kind, past=_number(given.get("past", "")),
            )  # fmt: skip
        except NotOffered:
            refusal = Refusal(Why.NOT_OFFERED)
    more = ""
    if found and found.more:
        more = f"{HERE}?{urlencode(_kept(asked) | {'past': found.offered[-1].free.number})}"
    context = {
        "visitor": visitor, "page": page.numbers(found, asked) if found else None, "asked": asked, "more": more,
        "problem": problem, "refused": words.refused(refusal), "way": words.way_out(refusal),
    }  # fmt: skip
    return render(request, f"{TEMPLATES}numbers.html", context, status=422 if asked.problem else status)


def _asked(request: HttpRequest) -> Search:
    given = request.GET
    typed, problem = given.get("digits", "")[:TYPED_MAX], ""
    try:
        wished(typed)
    except BadDigits:
        problem = _("Enter up to %(most)s digits, for example 77 or 1990") % {"most": WISHED_MOST}
    region, kind = (given.get(name, "")[:TYPED_MAX] for name in ("region", "kind"))
    return Search(typed, given.get("at") == "end", region, kind, problem)


def _kept(asked: Search) -> dict[str, str]:
    kept = {
        "digits": asked.digits, "at": "end" if asked.at_end else "", "region": asked.region, "kind": asked.kind
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value}


def _number(typed: str) -> str:
    """Return a number as forms of ours write it; anything else is none."""
    return typed if E164.fullmatch(typed) else ""


def _own(request: HttpRequest, visitor: Visitor) -> None:
    """Refuse a form that spoke of another line than the pages do."""
    if request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
