"""What supervisors and engineers do: a second person's word, the trail, events of the network."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.lines.network import rules as network_rules
from abonent.domains.lines.network.reading import Event
from abonent.domains.lines.network.rules import CONDITIONS, Kind, Noted
from abonent.domains.support import actions, queries, rules
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Permission, Refused
from abonent.entrypoints.staff import trail_words, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.entrypoints.staff.forms import NetworkForm, SearchForm, given, new_key
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidNumber, Msisdn

TRAIL_SHOWN = 100


@require_safe
@only(Permission.APPROVE)
def approvals(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show what waits for a second person."""
    return _approvals(request, agent)


@require_POST
@only(Permission.APPROVE)
def decide(request: HttpRequest, agent: Agent, approval_id: UUID) -> HttpResponseBase:
    """Agree, or not."""
    answer = request.POST.get("answer", "")
    if answer not in ("yes", "no"):
        raise rules.NotThere(answer)
    try:
        actions.decide(
            agent=agent, approval_id=approval_id, granted=answer == "yes", origin=origin_of(request), at=now()
        )
    except Refused as refused:
        return _approvals(request, agent, words.refusal(refused), 409)
    return HttpResponseRedirect("/staff/approvals/")


@require_safe
@only(Permission.TRAIL)
def trail(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show the newest records of the audit trail."""
    entries = [
        (entry, trail_words.actor(entry.actor), trail_words.action(entry.action), trail_words.subject(entry.subject),
         trail_words.subject(entry.on_behalf_of))
        for entry in verify.newest(TRAIL_SHOWN)
    ]  # fmt: skip
    return _render(request, agent, "staff/trail.html", {"entries": entries, "head": verify.head()})


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.NETWORK)
def events(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Take in what the network says about a number, for a network that cannot say it itself."""
    form = NetworkForm(given(request), initial={"key": new_key()})
    if form.is_bound and form.is_valid():
        noted = _take_in(request, agent, form)
        if noted is not None:
            return HttpResponseRedirect(f"/staff/network/?noted={noted.name.lower()}")
    said = Noted.__members__.get(request.GET.get("noted", "").upper())
    return _render(request, agent, "staff/network.html", {"event_form": form, "noted": words.noted(said)})


def _take_in(request: HttpRequest, agent: Agent, form: NetworkForm) -> Noted | None:
    kind, typed = Kind(form.cleaned_data["kind"]), form.cleaned_data["value"].strip()
    try:
        number = Msisdn.parse(form.cleaned_data["number"], settings.NUMBER_REGION).e164
    except InvalidNumber:
        form.add_error("number", _("Enter the whole number: 10 digits after +7"))
        return None
    value, condition = "", ""
    if kind is Kind.SIM_REPLACED:
        value = "".join(typed.split())
        if not (len(value) == 15 and value.isascii() and value.isdecimal()):
            form.add_error("value", _("Enter the 15 digits of the new SIM"))
            return None
    if kind is Kind.FORWARDING:
        condition = CONDITIONS[0]
        try:
            value = Msisdn.parse(typed, settings.NUMBER_REGION).e164 if typed else ""
        except InvalidNumber:
            form.add_error("value", _("Enter the number where calls go, or nothing"))
            return None
    event = Event(kind, number, now(), f"staff {form.cleaned_data['key']}", value, condition)
    try:
        return actions.note_network(agent=agent, event=event, origin=origin_of(request))
    except (network_rules.FromTheFuture, network_rules.OtherEvent):
        form.add_error(None, _("This form was sent before with something else. Open it anew"))
        return None


def _approvals(request: HttpRequest, agent: Agent, problem: str = "", status: int = 200) -> HttpResponseBase:
    waiting = [
        (approval, words.deed_words(approval.deed).name, words.contact(approval.contact))
        for approval in queries.approvals_waiting(now())
    ]
    context = {"waiting": waiting, "problem": problem}
    return _render(request, agent, "staff/approvals.html", context, status)


def _render(
    request: HttpRequest, agent: Agent, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponseBase:
    form = SearchForm(auto_id="search_%s") if Permission.SEARCH in agent.permissions else None
    everywhere: dict[str, object] = {"agent": agent, "place": words.place(agent.roles), "form": form}
    return render(request, template, everywhere | dict(context), status=status)
