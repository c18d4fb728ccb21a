"""Pages of autopay: how it stands, the form, the question before it is switched on; pause, resume, off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing import queries
from abonent.domains.billing.autopay import actions as billing
from abonent.domains.billing.autopay import need as autopay_need
from abonent.domains.billing.autopay import queries as autopay_queries
from abonent.domains.billing.autopay.rules import State
from abonent.domains.payments import queries as paid
from abonent.entrypoints.portal.billing import autopay_page as words
from abonent.entrypoints.portal.billing.autopay_form import Wish, typed, understand
from abonent.entrypoints.portal.billing.autopay_page import ADDRESS, CONFIRM
from abonent.entrypoints.portal.billing.topup_form import Unclear
from abonent.entrypoints.portal.billing.topup_page import way_name
from abonent.entrypoints.portal.visitor import CONFIRM as PROVE
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, has_fresh_proof, safe_address, signed_in
from abonent.foundation.clock import now

SAID = ("on", "paused", "resumed", "off", "gone")


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is agreed, what comes next, and what was paid."""
    standing = autopay_queries.standing(visitor.line.contract_id, now())
    said = next((word for word in SAID if word in request.GET), "")
    agreed = standing.autopay
    counts = agreed is not None and agreed.state is State.ON and agreed.account_id == visitor.account_id
    need = autopay_need.of_next_fee(visitor.line, now()) if counts else None
    balance = need.balance_minor if need else None
    if need is None and standing.is_there:
        balance = queries.balance(visitor.line.contract_id)
    shown = words.overview(standing, visitor.account_id, balance, said, need)
    return render(request, "portal/billing/autopay.html", {"visitor": visitor, "page": shown, "offered": _is_offered()})


@require_safe
@signed_in
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask when, how much, at most, from which card, filled in with what the address says or was agreed."""
    return _choose(request, visitor, typed(request.GET), {})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is agreed to, and switch it on when the button is pressed."""
    given = typed(request.POST if request.method == "POST" else request.GET)
    try:
        wish = understand(given, paid.cards(visitor.account_id, _today()) if _is_offered() else ())
    except Unclear as unclear:
        return _choose(request, visitor, given, unclear.problems)
    if not has_fresh_proof(request):
        # Asked for when all is clear, so that nothing that was typed is lost on the way.
        address = f"{CONFIRM}?{urlencode(wish.fields())}"
        return HttpResponseRedirect(f"{PROVE}?{urlencode({'next': safe_address(address)})}")
    if request.method == "POST":
        return _switch_on(request, visitor, wish)
    balance = queries.balance(visitor.line.contract_id)
    shown = words.question(wish, uuid4(), visitor.line.number, balance, now())
    context = {"visitor": visitor, "page": shown, "stale": "stale" in request.GET}
    return render(request, "portal/billing/autopay_confirm.html", context)


@require_POST
@signed_in
def pause(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Pay nothing for now."""
    return _change(request, visitor, billing.pause, "paused")


@require_POST
@fresh_proof
def resume(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Go on paying."""
    return _change(request, visitor, billing.resume, "resumed")


@require_POST
@signed_in
def off(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """End it."""
    return _change(request, visitor, billing.stop, "off")


def _switch_on(request: HttpRequest, visitor: Visitor, wish: Wish) -> HttpResponse:
    stale = HttpResponseRedirect(f"{CONFIRM}?{urlencode(wish.fields())}&stale")
    try:
        autopay_id = UUID(request.POST.get("id") or "")
        line_id = int(request.POST.get("line") or "")
    except ValueError:
        return stale
    line = next((line for line in visitor.lines if line.id == line_id), None)
    if line is None:
        return stale
    wanted = billing.Wish(
        autopay_id=autopay_id,
        account_id=visitor.account_id,
        line=line,
        card_id=wish.card.id,
        card_name=way_name("saved card", wish.card),
        terms=wish.terms,
        language=get_language() or "ru",
    )
    try:
        billing.switch_on(wish=wanted, at=now())
    except billing.DifferentAutopay:
        return stale
    except billing.OfAnother:
        return HttpResponseRedirect(ADDRESS)
    return HttpResponseRedirect(f"{ADDRESS}?on")


def _change(request: HttpRequest, visitor: Visitor, act: Callable[..., None], said: str) -> HttpResponse:
    try:
        autopay_id = UUID(request.POST.get("id") or "")
    except ValueError:
        raise Http404 from None
    try:
        act(autopay_id=autopay_id, account_id=visitor.account_id, at=now())
    except billing.NoSuchAutopay:
        # Ended in another tab, or a second press: the page shows how it stands, and nobody learns whose it was.
        return HttpResponseRedirect(f"{ADDRESS}?gone")
    return HttpResponseRedirect(f"{ADDRESS}?{said}")


def _choose(
    request: HttpRequest, visitor: Visitor, given: Mapping[str, str], problems: Mapping[str, str]
) -> HttpResponse:
    standing = autopay_queries.standing(visitor.line.contract_id, now())
    one = standing.autopay
    if standing.is_there and one is not None and one.account_id != visitor.account_id:
        return HttpResponseRedirect(ADDRESS)
    agreed = one if one is not None and one.state is not State.STOPPED else None
    cards = paid.cards(visitor.account_id, _today()) if _is_offered() else ()
    shown = words.form(given, cards=cards, autopay=agreed, problems=problems)
    context = {"visitor": visitor, "form": shown, "offered": _is_offered()}
    return render(request, "portal/billing/autopay_set.html", context)


def _is_offered() -> bool:
    return "saved card" in paid.methods()


def _today() -> date:
    return timezone.localdate(now())
