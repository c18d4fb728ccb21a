"""Calls go elsewhere: the number, the question with all that follows, the change; its removal, and a stop in time."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.lines.network.rules import CONDITIONS
from abonent.domains.lines.queries import Line
from abonent.domains.orders.actions import DifferentOrder, TooLate
from abonent.domains.orders.forwarding import actions as forwarding
from abonent.domains.orders.forwarding import queries as forwarding_queries
from abonent.domains.orders.forwarding.queries import Question
from abonent.domains.orders.forwarding.rules import State, Why
from abonent.entrypoints.portal.calls import page, words
from abonent.entrypoints.portal.calls.views import show
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidNumber, Msisdn

HERE = "/calls/"
TYPED_MAX = 80
# What is wrong with the number is said at its field; anything else, on the page of all.
OF_NUMBER = frozenset({Why.SELF, Why.FOREIGN, Why.SPECIAL, Why.ALREADY})


@require_safe
@signed_in
def form(request: HttpRequest, visitor: Visitor, condition: str) -> HttpResponse:
    """Ask for the number; one that can be is asked about with all that follows, after a fresh proof."""
    name = _condition(condition)
    if "number" not in request.GET:
        if why := _stands_in_the_way(visitor.line, name):
            return _not_done(request, visitor, why)
        return _form(request, visitor, name, "", "")
    typed = request.GET.get("number", "")[:TYPED_MAX]
    target, asked, problem = _understood(visitor.line, name, typed)
    if problem or target is None:
        return _form(request, visitor, name, typed, problem)
    if asked is not None and asked.refusal is not None:
        return _not_done(request, visitor, asked.refusal)
    said = urlencode({"number": target.e164, "line": visitor.line.id})
    return HttpResponseRedirect(f"{HERE}forward/{condition}/confirm/?{said}")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def confirm(request: HttpRequest, visitor: Visitor, condition: str) -> HttpResponse:
    """Say all that follows, and have it done."""
    name = _condition(condition)
    given = request.POST if request.method == "POST" else request.GET
    line = _line(visitor, given.get("line") or ("" if request.method == "POST" else f"{visitor.line.id}"))
    typed = given.get("number", "")[:TYPED_MAX]
    if request.method == "POST":
        return _place(request, visitor, line, name, typed)
    target, asked, problem = _understood(line, name, typed)
    if problem or target is None or asked is None:
        return _form(request, visitor, name, typed, problem)
    if asked.refusal is not None:
        return _not_done(request, visitor, asked.refusal)
    context = {
        "visitor": visitor, "slug": condition, "facts": page.facts(line, asked, name, target),
        "notes": page.notes(asked),
        "hidden": [("id", f"{uuid4()}"), ("line", f"{line.id}"), ("number", target.e164)],
    }  # fmt: skip
    return render(request, "portal/calls/forward_confirm.html", context)


@require_POST
@signed_in
def remove(request: HttpRequest, visitor: Visitor, condition: str) -> HttpResponse:
    """Have calls come here again, at once. It asks for no proof.

    Whose calls somebody else sent away could give none by SMS, and calls that come here are safer than any others.
    """
    name, line = _condition(condition), _line(visitor, request.POST.get("line", ""))
    try:
        change_id = UUID(request.POST.get("id", ""))
    except ValueError:
        return show(request, visitor, problem=_("The form came incomplete, and nothing was changed"), status=400)
    return _wish(request, visitor, line, name, None, change_id)


@require_POST
@signed_in
def stop(request: HttpRequest, visitor: Visitor, change_id: UUID) -> HttpResponse:  # noqa: ARG001 - a view
    """Stop a change before the network is asked."""
    try:
        forwarding.stop(change_id=change_id, line_ids=[line.id for line in visitor.lines], at=now())
    except forwarding.NoSuchChange:
        raise Http404 from None
    except TooLate:
        return HttpResponseRedirect(f"{HERE}?late")
    return HttpResponseRedirect(f"{HERE}?stopped")


def _stands_in_the_way(line: Line, name: str) -> Why | None:
    """Return why the number need not be asked for at all."""
    if line.bars:
        return Why.BLOCKED
    refusal = forwarding_queries.question(line, name, None).refusal
    return refusal if refusal is not Why.NOTHING else None


def _place(request: HttpRequest, visitor: Visitor, line: Line, name: str, typed: str) -> HttpResponse:
    try:
        change_id, target = UUID(request.POST.get("id", "")), Msisdn.parse(typed, settings.NUMBER_REGION)
    except ValueError:
        words_said = _("The form came incomplete, and nothing was changed. Enter the number again")
        return show(request, visitor, problem=words_said, status=400)
    return _wish(request, visitor, line, name, target, change_id)


def _wish(
    request: HttpRequest, visitor: Visitor, line: Line, name: str, target: Msisdn | None, change_id: UUID
) -> HttpResponse:
    wish = forwarding.Wish(change_id, line, name, target, visitor.account_id)
    try:
        change = forwarding.place(wish=wish, at=now())
    except forwarding.Refused as refused:
        return _not_done(request, visitor, refused.why)
    except DifferentOrder:
        return show(request, visitor, problem=_("This form was used before, and nothing was changed now"), status=409)
    return HttpResponseRedirect(f"{HERE}?{'waits' if change.state is State.WAITING else 'asked'}")


def _understood(line: Line, name: str, typed: str) -> tuple[Msisdn | None, Question | None, str]:
    """Return the number, what it means that calls go there, and what is wrong with it in words."""
    try:
        target = Msisdn.parse(typed, settings.NUMBER_REGION)
    except InvalidNumber as error:
        return None, None, words.bad_number(error.reason, typed)
    asked = forwarding_queries.question(line, name, target)
    problem = words.refused(asked.refusal) if asked.refusal in OF_NUMBER and asked.refusal else ""
    return target, asked, problem


def _form(request: HttpRequest, visitor: Visitor, name: str, typed: str, problem: str) -> HttpResponse:
    context = {
        "visitor": visitor, "slug": page.slug(name), "title": words.condition(name), "typed": typed,
        "problems": {"id_number": problem} if problem else {},
    }  # fmt: skip
    return render(request, "portal/calls/forward.html", context)


def _not_done(request: HttpRequest, visitor: Visitor, why: Why | None) -> HttpResponse:
    return show(request, visitor, problem=words.refused(why) if why else "", status=409)


def _condition(slug: str) -> str:
    """Return the condition that an address names; any other is not there."""
    name = next((name for name in CONDITIONS if page.slug(name) == slug), None)
    if name is None:
        raise Http404
    return name


def _line(visitor: Visitor, said: str) -> Line:
    """Return the line that was spoken of, if the pages still speak of it; anything else is not there."""
    if said != f"{visitor.line.id}":
        raise Http404
    return visitor.line
