"""What customers wrote in the cabinet about charges: the queue, taking one, answering it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from abonent.domains.support.disputes import actions as disputes
from abonent.domains.support.disputes import queries as disputes_queries
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refused
from abonent.entrypoints.staff import cases, disputes_page, words
from abonent.entrypoints.staff.admission import only, origin_of
from abonent.entrypoints.staff.forms import AnswerToDisputeForm
from abonent.foundation.clock import now

# No id of PostgreSQL's is larger.
ID_MAX = 2**63


@require_safe
@only(Permission.DISPUTES)
def queue(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show what waits for an answer, what is due first at the top."""
    return _queue(request, agent)


@require_POST
@only(Permission.DISPUTES)
def take(request: HttpRequest, agent: Agent, dispute_id: int) -> HttpResponseBase:
    """Begin to work on a request: in a talk of its own, without a check."""
    if dispute_id >= ID_MAX:
        raise NotThere(dispute_id)
    try:
        case_id = disputes.take(agent=agent, dispute_id=dispute_id, origin=origin_of(request), at=now())
    except Refused as refused:
        return _queue(request, agent, words.refusal(refused), 409)
    return HttpResponseRedirect(f"/staff/case/{case_id}/")


@require_POST
@only(Permission.DISPUTES)
def answer(request: HttpRequest, agent: Agent, case_id: int) -> HttpResponseBase:
    """Answer the request that the talk is about; that ends the talk."""
    form = AnswerToDisputeForm(request.POST)
    if not form.is_valid():
        return cases.page(request, agent, case_id, answer_form=form)
    try:
        disputes.answer(
            agent=agent, case_id=case_id, said=form.cleaned_data["answer"], origin=origin_of(request), at=now()
        )
    except Refused as refused:
        return cases.refused_page(request, agent, case_id, refused)
    return HttpResponseRedirect("/staff/disputes/?answered")


def _queue(request: HttpRequest, agent: Agent, problem: str = "", status: int = 200) -> HttpResponseBase:
    at = now()
    context = {
        "agent": agent,
        "place": words.place(agent.roles),
        "form": None,
        "problem": problem,
        "rows": [disputes_page.row(one, at) for one in disputes_queries.waiting(at)],
        "answered": "answered" in request.GET,
    }
    return render(request, "staff/disputes.html", context, status=status)
