"""Requests to see another number of one's own: the queue, yes, or no with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.lines.sharing.rules import Reason
from abonent.domains.support import numbers, rules
from abonent.domains.support.numbers import Waiting
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now
from abonent.web import format as formats

QUEUE = "/staff/numbers/"
ID_MAX = 2**63
SOON = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue; `state` is the class of its deadline, `fits`: the books agree."""

    id: int
    title: str
    about: str
    books: str
    until: str
    late: bool
    state: str
    fits: bool


@require_safe
@only(Permission.NUMBERS)
def queue(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show what waits, what is due first at the top."""
    return _queue(request, agent)


@require_POST
@only(Permission.NUMBERS)
def answer(request: HttpRequest, agent: Agent, request_id: int) -> HttpResponseBase:
    """Say yes, or no and why."""
    said = request.POST.get("answer", "")
    if request_id >= ID_MAX or said not in ("yes", *Reason):
        raise NotThere(request_id)
    origin, at = origin_of(request), now()
    try:
        if said == "yes":
            numbers.approve(agent=agent, request_id=request_id, origin=origin, at=at)
        else:
            numbers.refuse(agent=agent, request_id=request_id, reason=Reason(said), origin=origin, at=at)
    except Refused as refused:
        return _queue(request, agent, words.refusal(refused), 409)
    return HttpResponseRedirect(f"{QUEUE}?answered")


def _queue(request: HttpRequest, agent: Agent, problem: str = "", status: int = 200) -> HttpResponseBase:
    at = now()
    context = {
        "agent": agent,
        "place": words.place(agent.roles),
        "form": None,
        "problem": problem,
        "rows": [_row(one, at) for one in numbers.waiting()],
        "reasons": _reasons(),
        "answered": "answered" in request.GET,
    }
    return render(request, "staff/numbers.html", context, status=status)


def _row(one: Waiting, at: datetime) -> Row:
    asked = one.request
    late = asked.is_late(at)
    return Row(
        id=asked.id,
        title=f"№ {asked.id} · {rules.masked_number(asked.number)}",
        about=_("for %(customer)s %(number)s, asked by a text from the number")
        % {"customer": one.customer, "number": rules.masked_number(asked.viewer_number)}
        if asked.from_number
        else _("for %(customer)s %(number)s, asked in the cabinet")
        % {"customer": one.customer, "number": rules.masked_number(asked.viewer_number)},
        books=_books(one),
        until=formats.moment(asked.due_at),
        late=late,
        state="blocked" if late else "warning" if asked.due_at - at < SOON else "",
        fits=one.facts.fits,
    )


def _books(one: Waiting) -> str:
    """Return what the books say."""
    if not one.facts.line_id:
        return _("By the books nobody is served by this number")
    if not one.facts.same_owner:
        return _("By the books it is another owner’s number")
    if not one.facts.same_region:
        return _("By the books one owner, another region")
    if one.facts.opens_all:
        return _("By the books one owner, but it is the main number: only with a document, in a shop")
    return _("By the books one owner and one region")


def _reasons() -> list[tuple[str, str]]:
    return [
        (str(Reason.NOT_YOURS), _("Refuse: not a number of theirs")),
        (str(Reason.OTHER_REGION), _("Refuse: another region")),
        (str(Reason.DOCUMENT), _("Refuse: a document is needed")),
    ]
