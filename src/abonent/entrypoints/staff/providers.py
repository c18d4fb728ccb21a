"""Content providers: complaints about each, and suspension by two of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonent.domains.orders.subscriptions import queries as subscriptions_queries
from abonent.domains.support import providers
from abonent.domains.support.providers import Proposal
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/staff/providers/"
ID_MAX = 2**63


@dataclass(frozen=True, slots=True)
class Row:
    """A provider; `decides` is the proposal that this agent may decide, `act` what may be proposed."""

    code: str
    name: str
    about: str
    complaints: str
    stands: str
    state: str
    proposal: str
    decides: int | None
    act: str


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.PROVIDERS)
def listing(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show all providers, and take a proposal or a second person's word."""
    at, problem = now(), ""
    if request.method == "POST":
        try:
            _do(request, agent, at)
        except Refused as refused:
            problem = words.refusal(refused)
        except ValueError:
            problem = _("Say why: the second person reads it.")
        else:
            return HttpResponseRedirect(f"{HERE}?done")
    rows = [_row(one, agent) for one in providers.overview(agent=agent, at=at)]
    context = {
        "agent": agent, "place": words.place(agent.roles), "form": None, "rows": rows, "problem": problem,
        "done": "done" in request.GET, "days": subscriptions_queries.terms(at).complaints_within.days,
    }  # fmt: skip
    return render(request, "staff/providers.html", context, status=409 if problem else 200)


def _do(request: HttpRequest, agent: Agent, at: datetime) -> None:
    act, code, origin = request.POST.get("act", ""), request.POST.get("provider", ""), origin_of(request)
    if not code.isprintable():
        raise NotThere(code)
    if act in ("suspend", "resume"):
        reason = "".join(one for one in request.POST.get("reason", "") if one.isprintable())
        providers.propose(
            agent=agent, code=code, suspend=act == "suspend", reason=reason, origin=origin,
            at=at,
        )  # fmt: skip
        return
    said = request.POST.get("id", "")
    if act not in ("agree", "decline") or not said.isascii() or not said.isdecimal() or int(said) >= ID_MAX:
        raise NotThere(act)
    providers.decide(agent=agent, proposal_id=int(said), granted=act == "agree", origin=origin, at=at)


def _row(one: providers.Row, agent: Agent) -> Row:
    language, share = words.language(), one.complaints.basis_points
    stands, state = "", ""
    if one.suspended_since is not None:
        stands, state = _("suspended since %(day)s") % {"day": formats.day(one.suspended_since)}, "blocked"
    elif one.over:
        stands, state = _("over the threshold"), "warning"
    may_decide = one.proposal is not None and not one.proposal.own and Permission.APPROVE in agent.permissions
    act = "resume" if one.suspended_since is not None else "suspend" if one.over else ""
    return Row(
        code=one.provider.code,
        name=f"{one.provider.names[language]} · {one.provider.short_number}",
        about=f"{one.provider.phone} · {one.provider.contact}",
        complaints=_("Subscribed: %(begun)s. Did not agree: %(complaints)s (%(share)s%%)")
        % {"begun": one.complaints.begun, "complaints": one.complaints.complaints, "share": f"{share / 100:.1f}"},
        stands=stands,
        state=state,
        proposal=_proposal(one.proposal),
        decides=one.proposal.id if may_decide and one.proposal else None,
        act="" if one.proposal else act,
    )


def _proposal(one: Proposal | None) -> str:
    if one is None:
        return ""
    said = (
        _("%(who)s proposes to suspend it: %(why)s") if one.suspend else _("%(who)s proposes to let it go on: %(why)s")
    )
    return said % {"who": one.by, "why": one.reason}
