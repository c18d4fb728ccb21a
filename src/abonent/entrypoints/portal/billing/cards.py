"""Saved cards: what of them we know, which one is offered first, and taking one away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.topups import actions as topups
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.payments import actions as payments
from abonent.domains.payments import queries as paid
from abonent.domains.payments.queries import Card
from abonent.entrypoints.portal.billing.topup_page import card_until, way_name
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now

CARDS = "/cards/"


@dataclass(frozen=True, slots=True)
class Row:
    """A card as the list shows it; `usual`: it is offered first."""

    id: int
    name: str
    until: str
    is_valid: bool
    usual: bool


@require_safe
@signed_in
def cards(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List the saved cards."""
    kept = paid.cards(visitor.account_id, _today())
    usual = queries_topups.usual_card(visitor.account_id)
    context = {
        "visitor": visitor,
        "cards": [_row(card, usual) for card in kept],
        "said": next((word for word in ("removed", "first") if word in request.GET), ""),
        "offered": "saved card" in paid.methods(),
    }
    return render(request, "portal/billing/cards.html", context)


@require_POST
@signed_in
def first(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Offer a card first from now on."""
    card = _own(request, visitor)
    topups.choose_card(payer_id=visitor.account_id, card_id=card.id)
    return HttpResponseRedirect(f"{CARDS}?first")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask whether the card goes, then take it away here and at the gateway."""
    if request.method != "POST":
        card = _own(request, visitor)
        return render(request, "portal/billing/card_remove.html", {"visitor": visitor, "card": _row(card, None)})
    try:
        card = _own(request, visitor)
    except Http404:
        # Removed in another tab, or a second press: it is gone either way, and nobody learns whose it was.
        return HttpResponseRedirect(f"{CARDS}?removed")
    payments.forget_card(payer_id=visitor.account_id, card_id=card.id)
    autopay.card_removed(account_id=visitor.account_id, card_id=card.id, at=now())
    return HttpResponseRedirect(f"{CARDS}?removed")


def _own(request: HttpRequest, visitor: Visitor) -> Card:
    asked = (request.POST if request.method == "POST" else request.GET).get("card", "")
    for card in paid.cards(visitor.account_id, _today()):
        if str(card.id) == asked:
            return card
    raise Http404


def _row(card: Card, usual: int | None) -> Row:
    return Row(card.id, way_name("saved card", card), card_until(card), card.is_valid, card.id == usual)


def _today() -> date:
    return timezone.localdate(now())
