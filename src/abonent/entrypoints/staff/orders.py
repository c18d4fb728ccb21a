"""What is ordered for the customer in a talk: services, packages, the tariff, a block. All of it is told first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.billing import products as money
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers.shelves import WORDS_LENGTH_MAX, Look
from abonent.domains.identity.freezing import Frozen
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions as placing
from abonent.domains.orders import queries as orders
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.blocks import queries as blocks_queries
from abonent.domains.orders.rules import Why, of_service
from abonent.domains.orders.tariffs import queries as tariffs_queries
from abonent.domains.orders.tariffs.actions import TariffWish
from abonent.domains.support import ordering, queries
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import cases, console, orders_more_page, orders_page, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.entrypoints.staff.orders_page import Question
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
    at = now()
    typed = " ".join(request.GET.get("q", "").replace("\0", "")[:WORDS_LENGTH_MAX].split())
    offered = catalog.offered(service=line.service, held=line.tariff_version_id, day=orders.local_day(at))
    others = [one.version for one in offered.on_sale if one.version.id != line.tariff_version_id]
    shop = orders.shop(line, at, Look(words=typed))
    groups = orders_page.groups(case_id, shop, orders.packages(line, at), others)
    return _render(request, "staff/services.html", agent, found, {"groups": groups, "typed": typed})


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.CASES)
def service(request: HttpRequest, agent: Agent, case_id: int, code: str) -> HttpResponseBase:
    """Say all that an order means, for the agent to tell it, and place it."""

    def ask(line: Line) -> Question:
        try:
            return orders_page.question(case_id, orders.standing(line, code, now()), line, uuid4())
        except orders.NoSuchOffer:
            raise NotThere(code) from None

    return _talked_over(request, agent, case_id, ask, _order)


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.CASES)
def tariff(request: HttpRequest, agent: Agent, case_id: int, code: str) -> HttpResponseBase:
    """Say all that another tariff means, and order it: at once, or with the next period where the paid one is whole."""

    def ask(line: Line) -> Question:
        try:
            later, standing = None, tariffs_queries.standing(line, code, now())
            if standing.refusal and standing.refusal.why is Why.PAID_WHOLE:
                later = money.next_period(line, now())
                standing = tariffs_queries.standing(line, code, now(), later)
        except orders.NoSuchOffer:
            raise NotThere(code) from None
        return orders_more_page.tariff(case_id, standing, line, later, uuid4())

    return _talked_over(request, agent, case_id, ask, _change_tariff)


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.CASES)
def pause(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Say all that a block by the owner's wish means, and order it."""

    def ask(line: Line) -> Question:
        try:
            standing = blocks_queries.standing(line, None, None, now())
        except blocks_queries.NotOffered:
            raise NotThere("pause") from None
        return orders_more_page.block(case_id, standing, line, uuid4())

    return _talked_over(request, agent, case_id, ask, _block)


Place = Callable[[QueryDict, Agent, Case, str], None]


def _talked_over(
    request: HttpRequest, agent: Agent, case_id: int, ask: Callable[[Line], Question], place: Place
) -> HttpResponseBase:
    """Show the question, or place the order that its form names and lead back to the talk."""
    found = queries.case(case_id, agent.id)
    problem = ""
    if request.method == "POST":
        problem = _problem(lambda: place(request.POST, agent, found, origin_of(request)))
        if not problem:
            return HttpResponseRedirect(f"/staff/case/{case_id}/?show=orders")
    try:
        line = ordering.line_of(found, now())
    except Refused:
        if problem:
            return cases.page(request, agent, case_id, problem=problem, status=409)
        return HttpResponseRedirect(f"/staff/case/{case_id}/")
    context = {"order": ask(line), "problem": problem}
    return _render(request, "staff/service.html", agent, found, context, status=409 if problem else 200)


def _problem(place: Callable[[], None]) -> str:
    """Place an order; return why it was not, in words, empty when it was."""
    try:
        place()
    except Refused as refused:
        return words.refusal(refused)
    except ordering.NotAgreed:
        return _("Nothing was ordered. Tell the customer the price, and tick that they agree.")
    except Frozen:
        return _("The cabinet is protected: nothing is ordered until its owner lifts that.")
    except (placing.Refused, placing.Changed, placing.DifferentOrder, blocks.Refused):
        return _("Nothing was ordered: the price or something else has changed. See below how it is now.")
    except (ValueError, OverflowError):
        return _("The form came incomplete, and nothing was ordered.")
    return ""


def _order(sent: QueryDict, agent: Agent, found: Case, origin: str) -> None:
    wish = placing.Wish(
        order_id=UUID(sent.get("id", "")),
        line=ordering.line_of(found, now()),
        action=of_service(sent.get("action", "")),
        offer_version_id=_version(sent),
        total_minor=int(sent.get("total_minor", "")),
        effective_at=None,
        channel=ordering.CHANNEL,
        account_id=None,
    )
    ordering.order(agent=agent, case_id=found.id, wish=wish, agreed=_agreed(sent), origin=origin, at=now())


def _change_tariff(sent: QueryDict, agent: Agent, found: Case, origin: str) -> None:
    shown = sent.get("effective_at", "")
    effective_at = datetime.fromisoformat(shown) if shown else None
    if effective_at is not None and effective_at.tzinfo is None:
        raise ValueError("a moment without its time zone")
    wish = TariffWish(
        order_id=UUID(sent.get("id", "")),
        line=ordering.line_of(found, now()),
        tariff_version_id=_version(sent),
        total_minor=int(sent.get("total_minor", "")),
        effective_at=effective_at,
        channel=ordering.CHANNEL,
        account_id=None,
    )
    ordering.change_tariff(agent=agent, case_id=found.id, wish=wish, agreed=_agreed(sent), origin=origin, at=now())


def _block(sent: QueryDict, agent: Agent, found: Case, origin: str) -> None:
    wish = blocks.Wish(
        order_id=UUID(sent.get("id", "")),
        line=ordering.line_of(found, now()),
        first=None,
        end=date.fromisoformat(sent.get("end", "")),
        rules_id=_version(sent),
        total_minor=int(sent.get("total_minor", "")),
        channel=ordering.CHANNEL,
        account_id=None,
    )
    ordering.block(agent=agent, case_id=found.id, wish=wish, agreed=_agreed(sent), origin=origin, at=now())


def _version(sent: QueryDict) -> int:
    version_id = int(sent.get("version", ""))
    if not 0 <= version_id < NUMBER_MAX:
        raise ValueError("no version")
    return version_id


def _agreed(sent: QueryDict) -> bool:
    return sent.get("agreed") == "1"


def _render(
    request: HttpRequest, template: str, agent: Agent, found: Case, more: dict[str, object], *, status: int = 200
) -> HttpResponse:
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "page": console.present(agent, found, "all"),
        **more,
    }  # fmt: skip
    return render(request, template, context, status=status)
