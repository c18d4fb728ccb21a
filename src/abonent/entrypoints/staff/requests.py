"""Requests of customers in the console: the queue, one of them and what is done with it, service times."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.support.queries import Agent
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.requests import staff as requests_staff
from abonent.domains.support.requests.rules import Unclear, id_in
from abonent.domains.support.requests.staff import Reply
from abonent.domains.support.requests.states import Event, NotNow
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import requests_page, words
from abonent.entrypoints.staff.admission import kept_nowhere, only, origin_of
from abonent.entrypoints.staff.forms import new_key
from abonent.foundation.clock import now

QUEUE = "/staff/requests/"
# No id of PostgreSQL's is larger.
ID_MAX = 2**63
EVENTS = {Event.ASKED.value: Event.ASKED, Event.ANSWERED.value: Event.ANSWERED, "noted": None}


@require_safe
@only(Permission.REQUESTS)
def queue(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show what waits for us, what is due first at the top, and what one has in hand; find one by its number."""
    typed, problem = request.GET.get("number", "").strip()[:40], ""
    if typed:
        found = id_in(typed)
        if found is not None and found < ID_MAX:
            return HttpResponseRedirect(f"{QUEUE}{found}/")
        problem = _("There is a mistake in this number. Ask for it once more, with its last digit.")
    at = now()
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "problem": problem, "typed": typed,
        "mine": [requests_page.row(one, at) for one in requests_queries.queue(agent_id=agent.id)],
        "rows": [requests_page.row(one, at) for one in requests_queries.queue()],
        "done": "done" in request.GET,
    }  # fmt: skip
    return render(request, "staff/requests.html", context)


@require_safe
@only(Permission.REQUESTS)
def report(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show how fast we answered lately."""
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "rows": requests_page.report(now()),
        "days": requests_queries.REPORT_DAYS,
    }  # fmt: skip
    return render(request, "staff/requests_report.html", context)


@require_safe
@only(Permission.REQUESTS)
def one(request: HttpRequest, agent: Agent, request_id: int) -> HttpResponseBase:
    """Show one with all that was said, among us as well."""
    return _page(request, agent, request_id)


@require_POST
@only(Permission.REQUESTS)
def take(request: HttpRequest, agent: Agent, request_id: int) -> HttpResponseBase:
    """Begin to work on it."""

    def act() -> None:
        requests_staff.take(agent=agent, request_id=_id(request_id), origin=origin_of(request), at=now())

    return _done(request, agent, request_id, act, f"{QUEUE}{request_id}/")


@require_POST
@only(Permission.REQUESTS)
def give_back(request: HttpRequest, agent: Agent, request_id: int) -> HttpResponseBase:
    """Put it back into the queue."""

    def act() -> None:
        requests_staff.give_back(agent=agent, request_id=_id(request_id), origin=origin_of(request), at=now())

    return _done(request, agent, request_id, act, QUEUE)


@require_POST
@only(Permission.ASSIGN)
def assign(request: HttpRequest, agent: Agent, request_id: int) -> HttpResponseBase:
    """Give it to a colleague."""
    chosen = request.POST.get("agent", "")
    to = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0

    def act() -> None:
        requests_staff.assign(agent=agent, request_id=_id(request_id), to=to, origin=origin_of(request), at=now())

    return _done(request, agent, request_id, act, QUEUE)


@require_POST
@only(Permission.REQUESTS)
def reply(request: HttpRequest, agent: Agent, request_id: int) -> HttpResponseBase:
    """Answer, ask back, or leave a word for colleagues."""
    wanted, text = request.POST.get("act", ""), request.POST.get("text", "")
    if wanted not in EVENTS:
        return _page(request, agent, request_id, _("Choose what becomes of it"), 400)
    said = Reply(_key(request), "".join(c for c in text if c.isprintable() or c in "\n\r\t"), EVENTS[wanted])

    def act() -> None:
        requests_staff.reply(
            agent=agent, request_id=_id(request_id), said=said, origin=origin_of(request), at=now()
        )  # fmt: skip

    return _done(request, agent, request_id, act, f"{QUEUE}?done" if said.event else f"{QUEUE}{request_id}/")


@require_safe
@only(Permission.REQUESTS)
def file(_request: HttpRequest, agent: Agent, request_id: int, file_id: UUID) -> HttpResponseBase:  # noqa: ARG001 - asked by whoever may
    """Hand out a customer's file: to be saved, never to be shown by the browser."""
    found, content = requests_files.content(file_id=file_id, request_id=_id(request_id), account_id=None)
    response = HttpResponse(content, content_type=found.kind.value)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return kept_nowhere(response)


def _done(
    request: HttpRequest, agent: Agent, request_id: int, act: Callable[[], None], then: str
) -> HttpResponseBase:  # fmt: skip
    try:
        act()
    except Unclear as error:
        return _page(request, agent, request_id, requests_page.problem(error))
    except (Refused, NotNow) as error:
        return _page(request, agent, request_id, requests_page.problem(error), 409)
    return HttpResponseRedirect(then)


def _page(
    request: HttpRequest, agent: Agent, request_id: int, problem: str = "", status: int = 200
) -> HttpResponseBase:  # fmt: skip
    found = requests_queries.for_staff(_id(request_id))
    talk = requests_queries.conversation(request_id, internal=True)
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "problem": problem,
        "page": requests_page.page(found, talk, agent, now()), "key": _key(request),
        "typed": request.POST.get("text", "")[:8000] if problem else "", "act": request.POST.get("act", ""),
    }  # fmt: skip
    return render(request, "staff/request.html", context, status=status)


def _id(request_id: int) -> int:
    if request_id >= ID_MAX:
        raise NotThere(request_id)
    return request_id


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return new_key()
