"""Subscriptions of content providers in a talk: what the customer has, the stop of one or all, the ban."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonent.domains.orders.subscriptions import queries as subscriptions_queries
from abonent.domains.orders.subscriptions.queries import Subscription
from abonent.domains.orders.subscriptions.rules import State
from abonent.domains.support import ordering, queries, subscriptions
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import cases, console, subscription_words, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now
from abonent.web import format as formats

ACTS = ("stop", "stop-all", "ban", "allow")


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription of the customer; `stops`: it can be ended."""

    id: UUID
    title: str
    about: list[str]
    price: str
    stops: bool


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.CASES)
def of_customer(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Show what the customer has and had, and do what they wish."""
    found = queries.case(case_id, agent.id)
    problem = ""
    if request.method == "POST":
        try:
            _do(request, agent, found)
        except Refused as refused:
            problem = words.refusal(refused)
        else:
            return HttpResponseRedirect(f"{request.path}?done")
    try:
        line = ordering.line_of(found, now())
    except Refused:
        if problem:
            return cases.page(request, agent, case_id, problem=problem, status=409)
        return HttpResponseRedirect(f"/staff/case/{case_id}/")
    has = subscriptions_queries.overview(line.id)
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "page": console.present(agent, found, "all"),
        "groups": _groups(has.subscriptions), "banned": has.banned_since is not None, "form_id": uuid4(),
        "problem": problem, "done": _("Done. The customer is told by SMS.") if "done" in request.GET else "",
    }  # fmt: skip
    return render(request, "staff/subscriptions.html", context, status=409 if problem else 200)


def _do(request: HttpRequest, agent: Agent, found: Case) -> None:
    act, origin, at = request.POST.get("act", ""), origin_of(request), now()
    if act not in ACTS:
        raise NotThere(act)
    if act in ("ban", "allow"):
        subscriptions.ban(agent=agent, case_id=found.id, on=act == "ban", origin=origin, at=at)
        return
    try:
        named = UUID(request.POST.get("id", ""))
    except ValueError:
        raise NotThere(act) from None
    if act == "stop":
        subscriptions.stop(agent=agent, case_id=found.id, subscription_id=named, origin=origin, at=at)
    else:
        subscriptions.stop_all(agent=agent, case_id=found.id, form_id=named, origin=origin, at=at)


def _groups(found: tuple[Subscription, ...]) -> list[tuple[str, list[Row]]]:
    open_ = [_row(one) for one in found if one.is_open]
    return [
        (_("What costs money, or waits for consent"), open_),
        (_("Over"), [_row(one) for one in found if not one.is_open]),
    ]


def _row(one: Subscription) -> Row:
    about = [subscription_words.state(one)]
    if one.agreed_at is not None:
        about.append(
            _("Agreed to on %(moment)s %(how)s")
            % {"moment": formats.moment(one.agreed_at), "how": subscription_words.agreed_by(one.agreed_by)}
        )
    if one.paid_times:
        about.append(_("Paid in all: %(sum)s") % {"sum": formats.money(one.paid_minor)})
    if one.end_day and one.state is State.ACTIVE:
        about.append(_("Next charge: %(day)s") % {"day": formats.day(one.end_day)})
    name = one.names.get(words.language(), one.service)
    return Row(one.id, name, about, subscription_words.price(one.price_minor, one.per), one.is_open)
