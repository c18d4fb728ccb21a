"""Things of a customer by wire or dish: handed out, taken back, exchanged; in a talk in the shop, or in a visit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.lines.equipment import actions as handling
from abonent.domains.lines.equipment import queries as things
from abonent.domains.lines.equipment import rules as equipment_rules
from abonent.domains.lines.queries import Line
from abonent.domains.support import papers, queries
from abonent.domains.support.equipment import actions as equipment
from abonent.domains.support.equipment import queries as equipment_queries
from abonent.domains.support.equipment import rules as acts
from abonent.domains.support.equipment.actions import Doing, Place
from abonent.domains.support.equipment.queries import Act
from abonent.domains.support.ordering import NotAgreed
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.entrypoints.staff import cases, visits, words
from abonent.entrypoints.staff import equipment_words as said
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now
from abonent.web import format as formats

ID_MAX = 2**63
SERIAL_MAX = 60
# What comes back to whoever made a mistake.
TYPED = ("act", "device", "model", "serial", "why")


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that the line has, and whether it can come back or be exchanged."""

    id: int
    title: str
    about: list[str]
    returns: bool
    exchanges: bool


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.EQUIPMENT)
def in_talk(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Handle the things of the customer of a talk."""
    return _handled(request, agent, Place(case_id=_id(case_id)), f"/staff/case/{case_id}/", _("Back to the talk"))


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.EQUIPMENT)
def in_visit(request: HttpRequest, agent: Agent, visit_id: int) -> HttpResponseBase:
    """Handle the things of the customer of a visit, while somebody is there."""
    if Permission.VISITS not in agent.permissions:
        raise PermissionDenied
    return _handled(request, agent, Place(visit_id=_id(visit_id)), f"/staff/visits/{visit_id}/", _("Back to the visit"))


@require_safe
@only(Permission.EQUIPMENT)
def act(request: HttpRequest, agent: Agent, act_id: int) -> HttpResponseBase:  # noqa: ARG001 - one shape for all
    """Give the paper of an act of one's own out."""
    found = equipment_queries.own(_id(act_id), agent.id)
    customer = queries.customer(found.line_id)
    if customer is None:
        raise NotThere(act_id)
    filled = papers.ActPaper(
        number=f"{found.id}",
        operator=settings.OPERATOR_NAME.get(words.language(), settings.OPERATOR_NAME[settings.LANGUAGE_CODE]),
        title=said.title(found.kind), name=customer.name, contract=customer.contract_number, line=customer.number,
        facts=_facts(found), said=said.said(found), agent=agent.name, position=agent.position, at=found.at,
        language=words.language(),
    )  # fmt: skip
    response = HttpResponse(papers.act(filled), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="act-{found.id}.pdf"'
    return response


def _handled(request: HttpRequest, agent: Agent, place: Place, back: str, back_words: str) -> HttpResponseBase:
    problem = ""
    if request.method == "POST":
        problem = _problem(request.POST, agent, place, origin_of(request))
        if not problem:
            return HttpResponseRedirect(f"{request.path}?done")
    try:
        line = equipment.line_at(agent=agent, place=place, at=now())
    except Refused:
        # The talk or the visit has ended, or has not come so far; its page says so.
        if not problem:
            return HttpResponseRedirect(back)
        if place.visit_id is not None:
            return visits.page(request, agent, place.visit_id, problem, 409)
        return cases.page(request, agent, place.case_id or 0, problem=problem, status=409)
    today = timezone.localdate(now())
    typed = {name: request.POST.get(name, "") if problem else "" for name in TYPED}
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "problem": problem,
        "title": _("Equipment of %(number)s") % {"number": line.number}, "number": line.number, "form_id": uuid4(),
        "rows": _rows(line), "acts": [_shown(one, agent) for one in equipment_queries.of_line(line.id)],
        "models": [
            (f"{said.thing(one.terms.kind)} {one.terms.model}",
             [(f"{one.id} {way}", said.way(way, terms)) for way, terms in one.terms.ways.items()])
            for one in things.offers_on(today)
        ],
        "typed": typed, "back": (back, back_words), "serial_max": SERIAL_MAX,
        "done": _("Done. Print the act and have it signed.") if "done" in request.GET else "",
    }  # fmt: skip
    return render(request, "staff/equipment.html", context, status=409 if problem else 200)


def _problem(sent: QueryDict, agent: Agent, place: Place, origin: str) -> str:
    """Do what the form asks for; return why it was not done, in words, empty when it was."""
    try:
        _do(sent, agent, place, origin)
    except Refused as refused:
        if place.visit_id is not None and refused.refusal is Refusal.CLOSED:
            return _("Nothing was done: the visit has ended, or nobody has set out yet.")
        return words.refusal(refused)
    except NotAgreed:
        return _("Nothing was handed out. Tell the customer what it costs, and tick that they agree.")
    except equipment.Changed:
        return _("Nothing was handed out: choose the thing and its terms among those below.")
    except equipment_rules.InvalidSerial:
        return _("There is a mistake in the serial number. Type it as it stands on the label; a card has 12 digits.")
    except handling.Elsewhere:
        return _("A thing with this serial number is with a customer already. Look at the label again.")
    except handling.NotPossible as refused:
        return said.no(refused.why)
    except acts.NotSaid:
        return said.fault_asked()
    except _Incomplete:
        return _("The form came incomplete, and nothing was done. Fill it in again.")
    return ""


class _Incomplete(Exception):
    """The form lacks what its page sends."""


def _do(sent: QueryDict, agent: Agent, place: Place, origin: str) -> None:
    what, serial, at = sent.get("act", ""), sent.get("serial", "")[:SERIAL_MAX], now()
    try:
        doing = Doing(agent, place, UUID(sent.get("id", "")), origin)
        device_id = 0 if what == "give" else _id(int(sent.get("device", "")))
    except ValueError:
        raise _Incomplete from None
    if what == "give":
        model, _blank, way = sent.get("model", "").partition(" ")
        if way not in set(equipment_rules.Way) or not model.isdecimal():
            raise equipment.Changed
        equipment.give(
            doing=doing, model_id=_id(int(model)), way=equipment_rules.Way(way), serial=serial,
            agreed=sent.get("agreed") == "1", at=at,
        )  # fmt: skip
    elif what == "exchange":
        equipment.exchange(doing=doing, device_id=device_id, serial=serial, why=sent.get("why", ""), at=at)
    elif what == "return":
        equipment.take_back(doing=doing, device_id=device_id, at=at)
    else:
        raise _Incomplete


def _rows(line: Line) -> list[Row]:
    today, found = timezone.localdate(now()), []
    for one in things.of_line(line.id):
        about = [said.terms(one.terms), _("since %(day)s") % {"day": formats.day(one.since)}]
        if one.warranty_until:
            about.append(_("warranty until %(day)s") % {"day": formats.day(one.warranty_until)})
        if one.until:
            about.append(_("came back on %(day)s") % {"day": formats.day(one.until)})
        no_exchange = equipment_rules.no_exchange(one.kind, one.terms, one.until, one.warranty_until, today)
        found.append(
            Row(
                one.id, f"{said.thing(one.kind)} {one.model}, {one.serial}", about,
                returns=equipment_rules.no_return(one.kind, one.terms, one.until) is None,
                exchanges=no_exchange is None,
            )
        )  # fmt: skip
    return found


def _shown(one: Act, agent: Agent) -> tuple[str, str, str]:
    """Return an act in the list: what, about what, and the address of its paper for who made it."""
    about = f"{one.model}, {one.serial}"
    if one.activated:
        about = " · ".join([about, _("the channels are on their way to the card")])
    paper = f"/staff/acts/{one.id}.pdf" if one.agent_id == agent.id else ""
    return f"{formats.moment(one.at)} · {said.done(one.kind)}", about, paper


def _facts(one: Act) -> list[tuple[str, str]]:
    facts = [(said.thing(one.thing), one.model), (_("Serial number"), one.serial)]
    if one.serial_before:
        facts += [(_("Serial number of the faulty piece"), one.serial_before), (_("What was wrong"), one.why)]
    return [*facts, (_("Terms"), said.terms(one.terms))]


def _id(typed: int) -> int:
    if typed >= ID_MAX:
        raise NotThere(typed)
    return typed
