"""Numbers that change their operator: the queue, what staff do about each, every act on the trail."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.customers.rules import BadIdentity, document_of
from abonent.domains.porting.queries import PortIn, PortOut
from abonent.domains.porting.rules import Form
from abonent.domains.porting.states import State
from abonent.domains.support import porting, rules
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.entrypoints.staff import porting_words as said
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.entrypoints.staff.porting_forms import OwnerForm
from abonent.foundation.clock import now
from abonent.web import format as formats

QUEUE = "/staff/porting/"
ID_MAX, TYPED_MAX = 2**63, 60


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue; `judges`: one of staff has to say whose wish it is."""

    id: int
    title: str
    about: str
    when: str
    judges: bool = False


@require_safe
@only(Permission.PORTING)
def queue(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show what comes and what leaves."""
    return _queue(request, agent)


@require_POST
@only(Permission.PORTING)
def judge(request: HttpRequest, agent: Agent, port_id: int) -> HttpResponseBase:
    """Say whether it is the owner's wish that a number goes."""
    answer = request.POST.get("answer", "")
    if port_id >= ID_MAX or answer not in ("yes", "no"):
        raise NotThere(port_id)
    try:
        porting.judge(agent=agent, port_id=port_id, fits=answer == "yes", origin=origin_of(request), at=now())
    except Refused as refused:
        return _queue(request, agent, words.refusal(refused), 409)
    return HttpResponseRedirect(f"{QUEUE}?done")


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.PORTING)
def one(request: HttpRequest, agent: Agent, port_id: int) -> HttpResponseBase:
    """Show a number that is brought; hand a card out, ask anew, or note that nothing is to be done."""
    if port_id >= ID_MAX:
        raise NotThere(port_id)
    found = porting.one(port_id)
    form = OwnerForm()
    if request.method != "POST":
        return _one(request, agent, found, form)
    act, origin, at = request.POST.get("act", ""), origin_of(request), now()
    try:
        if act == "card":
            porting.hand_out(
                agent=agent, port_id=port_id, iccid=_digits(request), document=_document(request), origin=origin, at=at
            )
        elif act == "again":
            form = OwnerForm(request.POST)
            if not form.is_valid():
                return _one(request, agent, found, form, status=422)
            porting.correct(agent=agent, port_id=port_id, owner=form.owner(), origin=origin, at=at)
        elif act == "seen":
            porting.note_seen(agent=agent, port_id=port_id, origin=origin, at=at)
        else:
            raise NotThere(port_id)
    except Refused as refused:
        return _one(request, agent, found, form, problem=words.refusal(refused), status=409)
    return HttpResponseRedirect(f"{QUEUE}?done")


def _queue(request: HttpRequest, agent: Agent, problem: str = "", status: int = 200) -> HttpResponseBase:
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "problem": problem,
        "coming": [_coming(one) for one in porting.coming()], "leaving": [_leaving(one) for one in porting.leaving()],
        "done": "done" in request.GET,
    }  # fmt: skip
    return render(request, "staff/porting.html", context, status=status)


def _one(
    request: HttpRequest, agent: Agent, found: PortIn, form: OwnerForm, *, problem: str = "", status: int = 200
) -> HttpResponseBase:
    waits = found.form is Form.SHOP and found.state in (State.CHECKING, State.ACCEPTED) and not found.iccid
    context = {
        "agent": agent, "place": words.place(agent.roles), "problem": problem, "form": None, "owner_form": form,
        "port": found,
        "title": rules.masked_number(found.number), "facts": said.facts(found),
        "hands_out": waits and Permission.DOCUMENT in agent.permissions,
        "asks_anew": found.state is State.REFUSED and not found.seen_by,
        "works_off": found.state in (State.REFUSED, State.FAILED) and not found.seen_by,
    }  # fmt: skip
    return render(request, "staff/port.html", context, status=status)


def _coming(one: PortIn) -> Row:
    about = said.state(one.state) + (f": {said.reason(one.reason)}" if one.reason else "")
    when = formats.moment(one.window_from) if one.window_from else formats.day(one.day)
    return Row(one.id, f"№ {one.id} · {rules.masked_number(one.number)}", f"{one.operator} {about}".strip(), when)


def _leaving(one: PortOut) -> Row:
    about = _("%(operator)s takes it: %(state)s") % {"operator": one.operator, "state": said.state(one.state)}
    title = f"№ {one.id} · {rules.masked_number(one.number)}"
    return Row(one.id, title, about, formats.moment(one.answer_by), one.needs_human)


def _digits(request: HttpRequest) -> str:
    return "".join(request.POST.get("iccid", "")[:TYPED_MAX].split())


def _document(request: HttpRequest) -> str:
    try:
        return document_of(request.POST.get("document", "")[:TYPED_MAX])
    except BadIdentity:
        raise Refused(Refusal.OTHER_DOCUMENT) from None
