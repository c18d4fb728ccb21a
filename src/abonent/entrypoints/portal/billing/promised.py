"""Promised payments: what is on offer or owed, the question before one is taken, the receipt after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.billing.promised import actions as billing
from abonent.domains.billing.promised import queries
from abonent.domains.billing.promised.rules import Offer
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import promised_page as page
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidAmount, parse_amount

TEMPLATES = "portal/billing/"


@dataclass(frozen=True, slots=True)
class _Form:
    """What the question carries: its id, the line and the terms it spoke of, the sum in minor units."""

    promise_id: UUID
    line: Line
    amount_minor: int
    rules_id: int

    @classmethod
    def read(cls, sent: QueryDict, visitor: Visitor) -> Self:
        """Return the form that was sent, or raise `ValueError`."""
        line_id = int(sent.get("line", ""))
        line = next((line for line in visitor.lines if line.id == line_id), None)
        if line is None:
            raise ValueError("another's line")
        return cls(UUID(sent.get("id", "")), line, int(sent.get("amount_minor", "")), int(sent.get("rules", "")))


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is owed, or what may be taken and on what terms, or why not and what instead."""
    return _overview(request, visitor)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def take(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask, with all that follows, whether `amount` (roubles) is to be taken; then take it."""
    if request.method == "POST":
        return _taken(request, visitor)
    standing = queries.standing(visitor.line, now())
    if not isinstance(standing.decision, Offer):
        return HttpResponseRedirect(page.ADDRESS)
    try:
        choice = standing.decision.choice(parse_amount(request.GET.get("amount", "")))
    except InvalidAmount:
        choice = None
    if choice is None:
        return _overview(request, visitor, _("This sum is not on offer: choose one of those below"), standing=standing)
    question = page.question(standing, standing.decision.rules, choice, uuid4())
    return render(request, f"{TEMPLATES}promised_take.html", {"visitor": visitor, "page": question})


@require_safe
@signed_in
def receipt(request: HttpRequest, visitor: Visitor, promise_id: UUID) -> HttpResponse:
    """Show one that was taken, and what became of it; a repayment's id leads to what it repaid."""
    try:
        found = queries.receipt(promise_id=promise_id, contract_ids={line.contract_id for line in visitor.lines})
    except queries.NoSuchPromise:
        raise Http404 from None
    if found.promise.id != promise_id:
        return HttpResponseRedirect(f"{page.ADDRESS}{found.promise.id}/")
    context = {"visitor": visitor, "page": page.receipt(found, visitor.lines)}
    return render(request, f"{TEMPLATES}promised_receipt.html", context)


def _taken(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    try:
        form = _Form.read(request.POST, visitor)
    except ValueError:
        words = _("The form came incomplete, and nothing was taken. Choose the sum again")
        return _overview(request, visitor, words, status=400)
    try:
        billing.take(
            promise_id=form.promise_id,
            line=form.line,
            amount_minor=form.amount_minor,
            rules_id=form.rules_id,
            at=now(),
        )
    except billing.DifferentPromise:
        words = _("This form was used before, and nothing was taken now. Choose the sum again")
        return _overview(request, visitor, words, status=409)
    except billing.NotOffered as error:
        words = _("The terms have changed since, and nothing was taken. Look at the new ones")
        if error.refusal:
            words = _("Nothing was taken now: see below why")
        return _overview(request, visitor, words, status=409)
    return HttpResponseRedirect(f"{page.ADDRESS}{form.promise_id}/")


def _overview(
    request: HttpRequest,
    visitor: Visitor,
    problem: str = "",
    *,
    status: int = 200,
    standing: queries.Standing | None = None,
) -> HttpResponse:
    shown = page.overview(standing or queries.standing(visitor.line, now()), problem)
    return render(request, f"{TEMPLATES}promised.html", {"visitor": visitor, "page": shown}, status=status)
