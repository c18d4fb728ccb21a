"""The content account: on or off, money to it and back, each move with its receipt."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing.content import actions as content
from abonent.domains.billing.content import queries as content_queries
from abonent.domains.billing.content import rules as content_rules
from abonent.domains.billing.content.queries import NoSuchMove, Standing
from abonent.domains.billing.products import Short
from abonent.domains.lines.access import whole_contracts
from abonent.entrypoints.portal.billing.topup_form import amount_problem
from abonent.entrypoints.portal.subscriptions import page
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidAmount, parse_amount
from abonent.web import format as formats

HERE = "/subscriptions/account/"
TEMPLATES = "portal/subscriptions/"
TYPED_MAX = 40


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show both balances, the switch, and the form that asks how much to move where."""
    return _overview(request, visitor, "", "to", "", 200)


@require_POST
@signed_in
def switch(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Switch the account on or off."""
    _its_own(visitor)
    wanted = request.POST.get("account")
    if wanted not in ("on", "off") or request.POST.get("line") != f"{visitor.line.id}":
        raise Http404
    content.switch(contract_id=visitor.line.contract_id, on=wanted == "on", at=now())
    return HttpResponseRedirect(f"{HERE}?{wanted}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say how much goes where and what both accounts have then, and move it."""
    _its_own(visitor)
    given = request.POST if request.method == "POST" else request.GET
    typed, way = given.get("amount", "")[:TYPED_MAX], given.get("way", "")
    if way not in ("to", "back"):
        raise Http404
    try:
        amount_minor = parse_amount(typed)
    except InvalidAmount as error:
        return _overview(request, visitor, typed, way, amount_problem(error.reason), 400)
    account = content_queries.standing(visitor.line.contract_id)
    if problem := _problem(account, amount_minor, way):
        return _overview(request, visitor, typed, way, problem, 409)
    signed_minor = amount_minor if way == "to" else -amount_minor
    if request.method == "POST":
        return _move(request, visitor, signed_minor, typed, way)
    context = {
        "visitor": visitor, "title": _("Move the money?"), "facts": page.moving(signed_minor, account, visitor.line),
        "notes": [_("It is there at once. You can move it back at any time.")], "button_words": _("Move"),
        "back": (HERE, _("Content account")),
        "hidden": [("id", f"{uuid4()}"), ("amount", typed), ("way", way), ("line", f"{visitor.line.id}")],
    }  # fmt: skip
    return render(request, f"{TEMPLATES}question.html", context)


@require_safe
@signed_in
def receipt(request: HttpRequest, visitor: Visitor, move_id: UUID) -> HttpResponse:
    """Show a move, for ever at this address."""
    _its_own(visitor)
    try:
        found = content_queries.move(move_id, whole_contracts(visitor.lines))
    except NoSuchMove:
        raise Http404 from None
    to_content = found.amount_minor > 0
    account = content_queries.standing(visitor.line.contract_id)
    context = {
        "visitor": visitor,
        "title": _("The content account is topped up") if to_content else _("The money is back on the main balance"),
        "total": formats.money(abs(found.amount_minor)),
        "facts": [
            (_("When"), formats.moment(found.at)),
            (_("Main balance now"), formats.money(account.main_minor)),
            (_("Content account now"), formats.money(account.balance_minor)),
        ],
    }
    return render(request, f"{TEMPLATES}moved.html", context)


def _move(request: HttpRequest, visitor: Visitor, signed_minor: int, typed: str, way: str) -> HttpResponse:
    line = visitor.line
    try:
        form_id = UUID(request.POST.get("id", ""))
    except ValueError:
        raise Http404 from None
    if request.POST.get("line") != f"{line.id}":
        raise Http404
    try:
        content.move(
            move_id=form_id, contract_id=line.contract_id, line_id=line.id, amount_minor=signed_minor, at=now()
        )  # fmt: skip
    except Short as short:
        return _overview(request, visitor, typed, way, _short(short.missing_minor), 409)
    except content.DifferentMove:
        return _overview(request, visitor, typed, way, _("This form was used before, and nothing was moved now"), 409)
    return HttpResponseRedirect(f"{HERE}{form_id}/")


def _problem(account: Standing, amount_minor: int, way: str) -> str:
    if amount_minor > content_rules.MOVED_MAX_MINOR:
        return _("Enter %(sum)s at most") % {"sum": formats.money(content_rules.MOVED_MAX_MINOR)}
    there = account.movable_minor if way == "to" else account.balance_minor
    return _short(amount_minor - there) if amount_minor > there else ""


def _short(missing_minor: int) -> str:
    return _("%(sum)s are missing for that. Enter less, or top up first") % {"sum": formats.money(missing_minor)}


def _overview(request: HttpRequest, visitor: Visitor, typed: str, way: str, problem: str, status: int) -> HttpResponse:
    _its_own(visitor)
    account = content_queries.standing(visitor.line.contract_id)
    missing = urlencode({"amount": typed}) if problem and way == "to" else ""
    context = {
        "visitor": visitor, "account": account, "balance": formats.money(account.balance_minor),
        "main": formats.money(account.main_minor), "typed": typed, "way": way,
        "problems": {"id_amount": problem} if problem else {}, "topup": f"/topup/?{missing}" if missing else "/topup/",
        "said": _("The content account is on: subscriptions take from it alone.") if "on" in request.GET
        else _("The content account is off: subscriptions take from the main balance.") if "off" in request.GET else "",
    }  # fmt: skip
    return render(request, f"{TEMPLATES}account.html", context, status=status)


def _its_own(visitor: Visitor) -> None:
    """The money of a contract is moved by whoever sees all its lines; to anybody else the page is not there."""
    if visitor.line.contract_id not in whole_contracts(visitor.lines):
        raise Http404
