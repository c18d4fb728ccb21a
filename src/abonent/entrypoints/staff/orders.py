"""Services of the customer in a talk: what the line has, and the order to connect or disconnect one at their wish."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.catalog.offers_shelves import WORDS_LENGTH_MAX, Look
from abonent.domains.identity.freezing import Frozen
from abonent.domains.orders import actions as placing
from abonent.domains.orders import queries as orders
from abonent.domains.orders.rules import Action
from abonent.domains.support import ordering, queries
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import console, orders_page, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now

NUMBER_MAX = 2**62


@require_safe
@only(Permission.CASES)
def services(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Show what the customer's line has and what is sold for it."""
    found = queries.case(case_id, agent.id)
    try:
        line = ordering.line_of(found, now())
    except Refused:
        return HttpResponseRedirect(f"/staff/case/{case_id}/")
    typed = " ".join(request.GET.get("q", "").replace("\0", "")[:WORDS_LENGTH_MAX].split())
    groups = orders_page.groups(orders.shop(line, now(), Look(words=typed)))
    return _render(request, "staff/services.html", agent, found, {"groups": groups, "typed": typed})


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.CASES)
def service(request: HttpRequest, agent: Agent, case_id: int, code: str) -> HttpResponseBase:
    """Say all that an order means, for the agent to tell it, and place it."""
    found = queries.case(case_id, agent.id)
    problem = ""
    if request.method == "POST":
        try:
            _place(request, agent, found)
        except Refused as refused:
            problem = words.refusal(refused)
        except Frozen:
            problem = _("The cabinet is protected: nothing is ordered until its owner lifts that.")
        except (placing.Refused, placing.Changed, placing.DifferentOrder):
            problem = _("Nothing was ordered: the price or something else has changed. See below how it is now.")
        except ValueError:
            problem = _("The form came incomplete, and nothing was ordered.")
        else:
            return HttpResponseRedirect(f"/staff/case/{case_id}/?show=orders")
    try:
        line = ordering.line_of(found, now())
    except Refused:
        return HttpResponseRedirect(f"/staff/case/{case_id}/")
    try:
        standing = orders.standing(line, code, now())
    except orders.NoSuchOffer:
        raise NotThere(code) from None
    context = {"order": orders_page.question(standing, line, uuid4()), "problem": problem}
    return _render(request, "staff/service.html", agent, found, context, status=409 if problem else 200)


def _place(request: HttpRequest, agent: Agent, found: Case) -> None:
    """Place the order that the form names, or raise `ValueError` and what placing raises."""
    sent = request.POST
    version_id, total_minor = int(sent.get("version", "")), int(sent.get("total_minor", ""))
    if not 0 <= version_id < NUMBER_MAX:
        raise ValueError("no version")
    wish = placing.Wish(
        order_id=UUID(sent.get("id", "")),
        line=ordering.line_of(found, now()),
        action=Action(sent.get("action", "")),
        offer_version_id=version_id,
        total_minor=total_minor,
        effective_at=None,
        channel=ordering.CHANNEL,
        account_id=None,
    )
    ordering.order(agent=agent, case_id=found.id, wish=wish, origin=origin_of(request), at=now())


def _render(
    request: HttpRequest, template: str, agent: Agent, found: Case, more: dict[str, object], *, status: int = 200
) -> HttpResponse:
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "page": console.present(agent, found, "all"),
        **more,
    }  # fmt: skip
    return render(request, template, context, status=status)
