"""Visits of technicians in the console: who comes where and when, on the way, done or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.support.equipment import queries as equipment_queries
from abonent.domains.support.equipment.actions import Place
from abonent.domains.support.queries import Agent
from abonent.domains.support.requests.rules import Unclear
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.domains.support.visits import queries as visits_queries
from abonent.domains.support.visits import staff as visits_staff
from abonent.domains.support.visits.queries import Visit
from abonent.domains.support.visits.rules import State
from abonent.entrypoints.staff import equipment_words, requests_page, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.entrypoints.staff.forms import new_key
from abonent.foundation.clock import now
from abonent.web import format as formats

QUEUE = "/staff/visits/"
# No id of PostgreSQL's is larger.
ID_MAX = 2**63
TEXT_MAX = 8000


@dataclass(frozen=True, slots=True)
class Row:
    """A visit in the queue."""

    id: int
    hours: str
    about: str
    state: str


@require_safe
@only(Permission.VISITS)
def queue(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show who comes where, day by day; of one district, or all."""
    known = visits_queries.districts()
    chosen = request.GET.get("district", "")
    chosen = chosen if chosen in known else ""
    found = visits_queries.queue(now(), chosen)
    days = [
        (formats.day(day), [_row(one) for one in of_day])
        for day, of_day in groupby(found, key=lambda one: timezone.localdate(one.starts_at))
    ]
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "days": days, "districts": known,
        "chosen": chosen,
    }  # fmt: skip
    return render(request, "staff/visits.html", context)


@require_safe
@only(Permission.VISITS)
def one(request: HttpRequest, agent: Agent, visit_id: int) -> HttpResponseBase:
    """Show one with what is to be done."""
    return page(request, agent, visit_id)


@require_POST
@only(Permission.VISITS)
def set_out(request: HttpRequest, agent: Agent, visit_id: int) -> HttpResponseBase:
    """Somebody is on the way."""

    def act(at: datetime) -> None:
        visits_staff.set_out(agent=agent, visit_id=_id(visit_id), origin=origin_of(request), at=at)

    return _done(request, agent, visit_id, act)


@require_POST
@only(Permission.VISITS)
def end(request: HttpRequest, agent: Agent, visit_id: int) -> HttpResponseBase:
    """It is done, or could not be; the customer reads why."""
    outcome = request.POST.get("act", "")
    if outcome not in ("done", "missed"):
        return page(request, agent, visit_id, _("Choose what becomes of it"), 400)
    text = "".join(c for c in request.POST.get("text", "")[:TEXT_MAX] if c.isprintable() or c in "\n\r\t")

    def act(at: datetime) -> None:
        visits_staff.end(
            agent=agent, visit_id=_id(visit_id), done=outcome == "done", key=_key(request), text=text,
            origin=origin_of(request), at=at,
        )  # fmt: skip

    return _done(request, agent, visit_id, act)


def _done(
    request: HttpRequest, agent: Agent, visit_id: int, act: Callable[[datetime], None]
) -> HttpResponseBase:  # fmt: skip
    try:
        act(now())
    except Unclear as error:
        return page(request, agent, visit_id, requests_page.problem(error), 422)
    except Refused as error:
        return page(request, agent, visit_id, words.refusal(error), 409)
    except visits_staff.NotNow as error:
        said = _("It stands otherwise by now: %(state)s. Look at it anew.") % {"state": _state(error.state)}
        return page(request, agent, visit_id, said, 409)
    return HttpResponseRedirect(f"{QUEUE}{visit_id}/")


def page(
    request: HttpRequest, agent: Agent, visit_id: int, problem: str = "", status: int = 200
) -> HttpResponseBase:  # fmt: skip
    """Show the visit, with what stood in the way of what was asked for."""
    found = visits_queries.for_staff(_id(visit_id))
    # What the customer reads begins with what was handed out, exchanged or taken away in the visit.
    done = equipment_queries.of_place(Place(visit_id=visit_id))
    installed = [equipment_words.in_short(one) for one in done]
    facts = [
        (_("Reason of the visit"), found.subject),
        (_("Customer"), found.customer),
        (_("District"), found.district),
        (_("Address"), found.address),
        (_("How it stands"), _state(found.state)),
    ]
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "problem": problem, "facts": facts,
        "title": f"{formats.day(found.starts_at)}, {_hours(found)}", "visit": found,
        "sets_out": found.state is State.PLANNED, "ends": found.state is State.ON_THE_WAY, "key": _key(request),
        "typed": request.POST.get("text", "")[:TEXT_MAX] if problem else "\n".join(installed), "installed": installed,
        "handles": found.state is State.ON_THE_WAY and Permission.EQUIPMENT in agent.permissions,
    }  # fmt: skip
    return render(request, "staff/visit.html", context, status=status)


def _row(one: Visit) -> Row:
    return Row(one.id, _hours(one), f"{one.district} · {one.subject} · {one.customer}", _state(one.state))


def _hours(one: Visit) -> str:
    return f"{formats.clock(one.starts_at)}–{formats.clock(one.ends_at)}"


def _state(of: State) -> str:
    return {
        State.PLANNED: pgettext("visit", "Planned"),
        State.ON_THE_WAY: pgettext("visit", "On the way"),
        State.DONE: pgettext("visit", "Done"),
        State.MISSED: pgettext("visit", "Not done"),
        State.CANCELLED: pgettext("visit", "Called off"),
    }[of]


def _id(visit_id: int) -> int:
    if visit_id >= ID_MAX:
        raise NotThere(visit_id)
    return visit_id


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return new_key()
