"""Pages of a top-up: what and how, the question before it, and one lasting page for what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.billing import queries as billing
from abonent.domains.billing.topups import actions as topups
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.billing.topups.rules import CARD, SAVED_CARD, Refused
from abonent.domains.payments import actions as payments
from abonent.domains.payments import queries as paid
from abonent.entrypoints.portal.billing import topup_order, topup_page
from abonent.entrypoints.portal.billing.topup_form import Unclear, Wish, refusal, typed, understand
from abonent.entrypoints.portal.billing.topup_page import CONFIRM, TOPUP
from abonent.entrypoints.portal.visitor import CONFIRM as PROVE
from abonent.entrypoints.portal.visitor import Visitor, has_fresh_proof, safe_address, signed_in
from abonent.foundation.clock import now

# What is paid at a page of the bank's, where the browser is led at once.
AT_THE_BANK = (CARD, SAVED_CARD)

page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for which number, how much and how, filled in with what the address says."""
    return _choose(request, visitor, typed(request.GET), {})


@page
@signed_in
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what will be paid, and pay it when the button is pressed; unclear wishes lead back to the form."""
    given = typed(request.POST if request.method == "POST" else request.GET)
    cards = paid.cards(visitor.account_id, _today())
    try:
        wish = understand(given, visitor, cards, paid.methods())
    except Unclear as unclear:
        return _choose(request, visitor, given, unclear.problems)
    address = f"{CONFIRM}?{urlencode(wish.fields())}"
    if wish.card and wish.own is None and not has_fresh_proof(request):
        # The bank knows this card already and may ask nothing; the money goes to somebody else.
        return HttpResponseRedirect(f"{PROVE}?{urlencode({'next': safe_address(address)})}")
    if request.method == "POST":
        return _begin(request, visitor, wish, given, address)
    at = now()
    same = queries_topups.same_before(
        payer_id=visitor.account_id, number=wish.number, amount_minor=wish.amount_minor, at=at
    )
    shown = topup_page.confirm(
        wish,
        topup_id=str(uuid4()),
        standing=billing.standing(wish.own, at) if wish.own else None,
        same=queries_topups.begun(topup_id=same, payer_id=visitor.account_id) if same else None,
        now=at,
    )
    context = {"visitor": visitor, "page": shown, "stale": "stale" in request.GET}
    return render(request, "portal/billing/topup_confirm.html", context)


@page
@signed_in
def order(request: HttpRequest, visitor: Visitor, topup_id: UUID) -> HttpResponse:
    """Show how a top-up stands, and its receipt in the end; a POST, or coming back from the bank, asks the gateway."""
    try:
        begun = queries_topups.begun(topup_id=topup_id, payer_id=visitor.account_id)
    except queries_topups.NoSuchTopUp:
        raise Http404 from None
    try:
        payment = paid.payment(topup_id)
    except paid.NoSuchPayment:
        # Written down, and then the server died: nobody was asked for money.
        return render(
            request, "portal/billing/topup_lost.html", {"visitor": visitor, "again": topup_order.again(begun)}
        )
    if (request.method == "POST" or "back" in request.GET) and not payment.is_final:
        payments.ask(payment_id=topup_id, at=now())
    if request.method == "POST" or "back" in request.GET:
        return HttpResponseRedirect(f"{TOPUP}{topup_id}/")
    shown = topup_order.present(begun, payment, visitor, now())
    context = {"visitor": visitor, "page": shown, "same": "same" in request.GET, "leads": ""}
    if "go" in request.GET and shown.state == "open" and shown.method in AT_THE_BANK:
        context["leads"] = payment.redirect_url
    return render(request, "portal/billing/topup_order.html", context)


def _begin(request: HttpRequest, visitor: Visitor, wish: Wish, given: Mapping[str, str], address: str) -> HttpResponse:
    """Begin the payment under the form's id and lead to its page; nothing is begun twice."""
    topup_id, repeats = _uuid(request.POST.get("id")), _uuid(request.POST.get("repeats"))
    if topup_id is None:
        return HttpResponseRedirect(f"{address}&stale")
    placed = topups.Order(
        topup_id=topup_id,
        payer_id=visitor.account_id,
        payer_line=visitor.line,
        number=wish.number,
        own=wish.own,
        amount_minor=wish.amount_minor,
        method=wish.method,
        card_id=wish.card.id if wish.card else None,
        save_card=wish.save_card,
        language=get_language() or "ru",
    )
    try:
        topups.begin(
            order=placed,
            repeats=repeats,
            description=_description(wish),
            return_path=f"{TOPUP}{topup_id}/?back",
            at=now(),
        )
    except Refused as refused:
        field = "number" if refused.reason == "day_numbers" else "amount"
        return _choose(request, visitor, given, {field: refusal(refused)})
    except (payments.NoSuchCard, payments.CardNotValid, payments.NotOffered):
        # Taken away meanwhile, in another tab or at the bank.
        return _choose(request, visitor, given, {"way": _("Choose how to pay")})
    except topups.Repeated as repeated:
        return HttpResponseRedirect(f"{TOPUP}{repeated.topup_id}/?same")
    except payments.DifferentPayment:
        return HttpResponseRedirect(f"{address}&stale")
    return HttpResponseRedirect(f"{TOPUP}{topup_id}/{'?go' if wish.method in AT_THE_BANK else ''}")


def _choose(
    request: HttpRequest, visitor: Visitor, given: Mapping[str, str], problems: Mapping[str, str]
) -> HttpResponse:
    methods = paid.methods()
    shown = topup_page.choose(
        given,
        lines=visitor.lines,
        line=visitor.line,
        standing=billing.standing(visitor.line, now()),
        cards=paid.cards(visitor.account_id, _today()) if methods else (),
        usual=queries_topups.usual_card(visitor.account_id) if methods else None,
        methods=methods,
        problems=problems,
    )
    return render(request, "portal/billing/topup.html", {"visitor": visitor, "form": shown})


def _description(wish: Wish) -> str:
    return _("Top-up of %(number)s") % {"number": wish.number}


def _today() -> date:
    return timezone.localdate(now())


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
