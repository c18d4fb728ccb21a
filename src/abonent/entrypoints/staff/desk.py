"""The desk: search, the talk that goes on, what waits for a second person; and opening a talk."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.lines import queries as lines
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.support import actions, queries, rules
from abonent.domains.support.corrections import queries as corrections_queries
from abonent.domains.support.disputes import queries as disputes_queries
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.queries import Agent
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.rules import Contact, Permission, Refused
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.admission import DESK, only, origin_of
from abonent.entrypoints.staff.forms import SearchForm
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidNumber, Msisdn

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found, masked: who it is will be checked."""

    line_id: int
    name: str
    number: str
    contract: str
    state: str


@require_safe
@only()
def desk(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show where to begin."""
    return _page(request, agent, SearchForm() if Permission.SEARCH in agent.permissions else None)


@require_POST
@only(Permission.SEARCH)
def search(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show whom the words may mean. What was typed stands in no address: addresses are written into logs."""
    form = SearchForm(request.POST)
    hits: list[Hit] | None = None
    if form.is_valid():
        found = lines.find(form.cleaned_data["text"])
        actions.note_search(agent=agent, found=len(found), origin=origin_of(request), at=now())
        # A number leads to everything its holder has; what was typed comes first.
        hits = [_hit(line) for line in sorted(found, key=lambda line: not _is_typed(line, form.cleaned_data["text"]))]
    return _page(request, agent, form, hits)


@require_POST
@only(Permission.CASES)
def open_case(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Begin a talk with the holder of a line."""
    line_id, contact = request.POST.get("line", ""), request.POST.get("contact", "")
    if not (line_id.isascii() and line_id.isdecimal() and len(line_id) < 19) or contact not in set(Contact):
        raise rules.NotThere(line_id)
    try:
        case_id = actions.open_case(
            agent=agent, line_id=int(line_id), contact=Contact(contact), origin=origin_of(request), at=now()
        )
    except Refused as refused:
        return _page(request, agent, SearchForm(), problem=words.refusal(refused), status=409)
    return HttpResponseRedirect(f"/staff/case/{case_id}/")


def _page(
    request: HttpRequest,
    agent: Agent,
    form: SearchForm | None,
    hits: list[Hit] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponseBase:
    going_on = queries.open_case(agent.id, now())
    context = {
        "agent": agent,
        "place": words.place(agent.roles),
        "form": form,
        "hits": hits,
        "problem": problem,
        "contacts": [contact for contact in rules.TALKS if rules.CHECKS[contact] in agent.permissions],
        "going_on": going_on,
        "lately": [
            (case, words.contact(case.contact), words.when(case.opened_at), words.outcome(case.outcome))
            for case in queries.cases_of_agent(agent.id, SHOWN)
        ],
        "waiting": len(queries.approvals_waiting(now())) if Permission.APPROVE in agent.permissions else 0,
        "disputes": disputes_queries.count_waiting(now()) if Permission.DISPUTES in agent.permissions else 0,
        "requests": requests_queries.count_waiting() if Permission.REQUESTS in agent.permissions else 0,
        "numbers": sharing_queries.count_waiting() if Permission.NUMBERS in agent.permissions else 0,
        "money": corrections_queries.count_waiting(now()) if Permission.AGREE in agent.permissions else 0,
        "drafts": drafts_queries.waiting(agent.id) if Permission.PUBLISH in agent.permissions else 0,
        "desk": DESK,
    }
    return render(request, "staff/desk.html", context, status=status)


def _is_typed(found: lines.Found, text: str) -> bool:
    try:
        return Msisdn.parse(text, settings.NUMBER_REGION).e164 == found.number
    except InvalidNumber:
        return text.strip() == found.number


def _hit(found: lines.Found) -> Hit:
    family, _, rest = found.name.partition(" ")
    given = rest.partition(" ")[0]
    state = "closed" if not found.is_open else "blocked" if found.is_blocked else "active"
    return Hit(
        found.line_id,
        rules.masked_name(given, family),
        rules.masked_number(found.number),
        rules.masked(found.contract_number),
        state,
    )
