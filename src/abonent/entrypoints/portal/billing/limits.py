"""Pages of spending limits: how each number stands, the form, the raise for this month; take back, remove."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing.limits import actions as billing
from abonent.domains.billing.limits import queries as limits_queries
from abonent.domains.billing.limits import rules as limits_rules
from abonent.domains.billing.limits.queries import Limit
from abonent.domains.billing.limits.rules import OnReached, Terms
from abonent.domains.lines.access import whole_contracts
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import limits_page as words
from abonent.entrypoints.portal.billing.limits_page import ADDRESS, RAISE, SET
from abonent.entrypoints.portal.billing.topup_form import amount_problem
from abonent.entrypoints.portal.visitor import CONFIRM as PROVE
from abonent.entrypoints.portal.visitor import Page, Visitor, fresh_proof, has_fresh_proof, safe_address, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values.amount import TYPED_LENGTH_MAX, InvalidAmount, parse_amount

SAID = ("set", "raised", "removed", "undone", "gone")

page = require_http_methods(["GET", "HEAD", "POST"])


class NotTheirs(Exception):
    """Somebody who sees a number may not set its limit: its contract has more numbers than they see."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.id)
        self.line = line


def _whose_it_is(view: Page) -> Page:
    """Say to whom a number's limit is none of theirs whose it is."""

    @wraps(view)
    def answer(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
        try:
            return view(request, visitor)
        except NotTheirs as error:
            context = {"visitor": visitor, "line": error.line}
            return render(request, "portal/billing/limit_refused.html", context, status=403)

    return answer


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what each number of the person cost this month, of how much, and what happens then."""
    states = limits_queries.standing([line.id for line in visitor.lines], now())
    managed = set(whole_contracts(visitor.lines))
    first = sorted(visitor.lines, key=lambda line: line.id != visitor.line.id)
    cards = [
        words.card(line, states[line.id], managed=line.contract_id in managed, selected=line.id == visitor.line.id)
        for line in first
    ]
    said = next((word for word in SAID if word in request.GET), "")
    context = {
        "visitor": visitor,
        "cards": [card for card in cards if card.selected or card.used or card.undo],
        "others": [card for card in cards if not (card.selected or card.used or card.undo)],
        "said": said,
        "what_goes_on": words.what_goes_on(),
    }
    return render(request, "portal/billing/limits.html", context)


@page
@signed_in
@_whose_it_is
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask how much a number may cost in a month and what happens then; it holds at once and can be taken back."""
    given = request.POST if request.method == "POST" else request.GET
    line, state = _asked(given, visitor)
    typed = {"amount": _typed(given, "amount"), "reached": _typed(given, "reached")}
    if request.method != "POST":
        return _form(request, visitor, line, state, words.set_form(state, typed, {}))
    try:
        amount_minor, on_reached = _understood(typed)
        limits_rules.check_sum(amount_minor)
    except InvalidAmount as invalid:
        problem = amount_problem(invalid.reason) if invalid.reason != "too_large" else words.too_much()
        return _form(request, visitor, line, state, words.set_form(state, typed, {"amount": problem}))
    except limits_rules.Refused as refused:
        return _form(request, visitor, line, state, words.set_form(state, typed, {"amount": words.refusal(refused)}))
    except ValueError:
        return _form(request, visitor, line, state, words.set_form(state, typed, {"reached": words.not_chosen()}))
    looser = limits_rules.loosens(state.terms, Terms(amount_minor, on_reached), state.month)
    if looser and not has_fresh_proof(request):
        return _prove(SET, line, typed)
    return _done(
        lambda version: billing.set_limit(
            line_id=line.id, version=version, amount_minor=amount_minor, on_reached=on_reached, at=now()
        ),
        given,
        "set",
    )


@page
@signed_in
@_whose_it_is
def raise_(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what a higher limit for this month means, and let it hold when the button is pressed."""
    given = request.POST if request.method == "POST" else request.GET
    line, state = _asked(given, visitor)
    if state.limit_minor is None:
        return HttpResponseRedirect(ADDRESS)
    typed = {"amount": _typed(given, "amount")}
    if request.method != "POST":
        return _form(request, visitor, line, state, words.raise_form(state, typed, {}))
    try:
        to_minor = parse_amount(typed["amount"])
        # Sent twice, it holds already.
        if (state.terms.raised_for, state.terms.raised_minor) != (state.month, to_minor):
            state.terms.raised(state.month, to_minor, state.spent_minor)
    except InvalidAmount as invalid:
        problem = amount_problem(invalid.reason) if invalid.reason != "too_large" else words.too_much()
        return _form(request, visitor, line, state, words.raise_form(state, typed, {"amount": problem}))
    except limits_rules.Refused as refused:
        problem = words.refusal(refused)
        return _form(request, visitor, line, state, words.raise_form(state, typed, {"amount": problem}))
    if not has_fresh_proof(request):
        return _prove(RAISE, line, typed)
    month = _month(given)
    return _done(
        lambda version: billing.raise_for_month(
            line_id=line.id, version=version, month=month, to_minor=to_minor, at=now()
        ),
        given,
        "raised",
    )


@require_POST
@fresh_proof
@_whose_it_is
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let a number cost whatever it costs."""
    line, _ = _asked(request.POST, visitor)
    return _done(lambda version: billing.remove(line_id=line.id, version=version, at=now()), request.POST, "removed")


@require_POST
@signed_in
@_whose_it_is
def undo(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Go back to the limit before the last change, minutes ago."""
    line, _ = _asked(request.POST, visitor)
    return _done(lambda version: billing.undo(line_id=line.id, version=version, at=now()), request.POST, "undone")


def _asked(given: QueryDict, visitor: Visitor) -> tuple[Line, Limit]:
    """Return the line that is meant, the selected one when none is said; only whose money it is sets its limit."""
    wanted = given.get("line") or str(visitor.line.id)
    line = next((line for line in visitor.lines if str(line.id) == wanted), None)
    if line is None:
        raise Http404
    if line.contract_id not in whole_contracts(visitor.lines):
        raise NotTheirs(line)
    return line, limits_queries.standing([line.id], now())[line.id]


def _understood(typed: dict[str, str]) -> tuple[int, OnReached]:
    """Return sum and choice, or raise `InvalidAmount`, and `ValueError` for no choice."""
    return parse_amount(typed["amount"]), OnReached(typed["reached"])


def _done(act: Callable[[int], None], given: QueryDict, said: str) -> HttpResponse:
    """Do it to the limit that the form showed; when that is another by now, the page shows how it stands."""
    try:
        act(int(given.get("version") or ""))
    except (billing.Changed, ValueError):
        return HttpResponseRedirect(f"{ADDRESS}?gone")
    return HttpResponseRedirect(f"{ADDRESS}?{said}")


def _form(request: HttpRequest, visitor: Visitor, line: Line, state: Limit, form: words.Form) -> HttpResponse:
    context = {"visitor": visitor, "line": line, "state": state, "form": form}
    return render(request, "portal/billing/limit_form.html", context)


def _prove(address: str, line: Line, typed: dict[str, str]) -> HttpResponse:
    """Ask who is there, and keep what was typed."""
    back = f"{address}?{urlencode({'line': line.id, **typed})}"
    return HttpResponseRedirect(f"{PROVE}?{urlencode({'next': safe_address(back)})}")


def _month(given: QueryDict) -> date:
    """Return the month that the form spoke of; one that is none is never this one."""
    try:
        return date.fromisoformat(given.get("month") or "")
    except ValueError:
        return date.min


def _typed(given: QueryDict, name: str) -> str:
    text = (given.get(name) or "")[: TYPED_LENGTH_MAX + 1]
    return "".join(c for c in text if c.isprintable() or c.isspace())
