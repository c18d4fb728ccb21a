"""Money that two of staff agree on: proposed in a talk, seen by who decides with the customer's money around it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.support import actions, deeds
from abonent.domains.support.corrections import queries as corrections_queries
from abonent.domains.support.corrections import rules as corrections_rules
from abonent.domains.support.corrections.actions import Wanted
from abonent.domains.support.corrections.queries import State
from abonent.domains.support.queries import Agent, Case
from abonent.domains.support.rules import Deed, NotThere, Permission, Refusal, Refused
from abonent.entrypoints.staff import console, money_page, words
from abonent.entrypoints.staff.admission import host_of, only, origin_of
from abonent.entrypoints.staff.forms import DeclineForm, MoneyForm, given, new_key
from abonent.foundation.clock import now

ADDRESS = "/staff/money/"
# What is wrong with the sum is said at the sum.
_OF_SUM = frozenset(
    {
        Refusal.BAD_SUM, Refusal.ABOVE_CASE, Refusal.ABOVE_DAY, Refusal.ABOVE_CUSTOMER, Refusal.ABOVE_CHARGE,
        Refusal.SPENT, Refusal.NOT_REFUNDABLE,
    }
)  # fmt: skip


@require_safe
@only()
def queue(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Show what waits and what was decided: to who may agree all of it, to who proposes their own."""
    if not agent.permissions & {Permission.AGREE, Permission.PROPOSE}:
        raise NotThere(ADDRESS)
    at = now()
    if Permission.AGREE in agent.permissions:
        waits, over = corrections_queries.waiting(at), corrections_queries.ended(at)
    else:
        own = corrections_queries.made_by(agent.id, at)
        waits = [one for one in own if one.state is State.WAITS]
        over = [one for one in own if one.state is not State.WAITS]
    context = {
        "waiting": money_page.rows(waits, agent),
        "ended": money_page.rows(over, agent),
        "may_agree": Permission.AGREE in agent.permissions,
        "strange": money_page.strange() if Permission.REGISTRIES in agent.permissions else [],
        "said": _said(request),
    }
    return _render(request, agent, "staff/money.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only()
def proposal(request: HttpRequest, agent: Agent, approval_id: UUID) -> HttpResponseBase:
    """Show a proposal, and take the second person's word about it."""
    found = corrections_queries.proposal(approval_id, agent, now())
    form, problem, status = DeclineForm(), "", 200
    if request.method == "POST":
        granted = request.POST.get("answer") == "yes"
        if not granted:
            form = DeclineForm(request.POST)
        if granted or form.is_valid():
            try:
                actions.decide(
                    agent=agent, approval_id=approval_id, granted=granted, origin=origin_of(request), at=now(),
                    reason="" if granted else form.cleaned_data["reason"],
                )  # fmt: skip
            except Refused as refused:
                problem, status = words.refusal(refused), 409
            else:
                return HttpResponseRedirect(f"{ADDRESS}?{'agreed' if granted else 'declined'}")
        found = corrections_queries.proposal(approval_id, agent, now())
    context = {
        "page": money_page.shown(found, agent),
        "may_decide": Permission.AGREE in agent.permissions and found.state is State.WAITS,
        "decline_form": form,
        "problem": problem,
    }
    return _render(request, agent, "staff/proposal.html", context, status)


def propose(request: HttpRequest, agent: Agent, case: Case, deed: Deed) -> HttpResponseBase:
    """Show the form of a proposal in a talk, and take it."""
    kind = corrections_rules.KINDS[deed]
    typed = (request.POST if request.method == "POST" else request.GET).get("line", "")
    line_id = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None
    page = console.present(agent, case, "all")
    offered = next((action for action in page.actions if action.deed is deed), None)
    if offered is None:
        raise NotThere(deed)
    named = (request.POST if request.method == "POST" else request.GET).get("thing", "")
    offer = money_page.offer(agent, case, kind, line_id, named) if page.checked else None
    form = MoneyForm(
        given(request),
        initial={"key": new_key(), "thing": named, "line": line_id},
        kind=kind,
        things=offer.things if offer else [],
        reasons=offer.reasons if offer else [],
    )
    problem, status = "", 200
    if form.is_bound and offer is None:
        unchecked = Refused(Refusal.NOT_CHECKED if page.is_open else Refusal.CLOSED)
        problem, status = words.refusal(unchecked), 409
    elif form.is_bound and form.is_valid():
        refused = _propose(request, agent, case, deed, form, line_id)
        if refused is None:
            return HttpResponseRedirect(f"/staff/case/{case.id}/?done={deed.name.lower()}")
        if refused.refusal in _OF_SUM:
            form.add_error("amount", words.refusal(refused))
        else:
            problem, status = words.refusal(refused), 409
    context = {
        "page": page, "deed": offered, "slug": deed.name.lower(), "offer": offer, "money_form": form,
        "problem": problem,
    }  # fmt: skip
    return _render(request, agent, "staff/propose.html", context, status)


def _propose(
    request: HttpRequest, agent: Agent, case: Case, deed: Deed, form: MoneyForm, line_id: int | None
) -> Refused | None:
    typed = form.cleaned_data
    thing = UUID(typed["thing"]) if typed["thing"] else None
    is_refund = deed is Deed.REFUND
    wanted = Wanted(
        amount_minor=typed["amount"], reason=typed["reason"], comment=typed["comment"], line_id=line_id,
        charge_id=None if is_refund else thing, payment_id=thing if is_refund else None,
    )  # fmt: skip
    order = deeds.Order(
        agent=agent, case_id=case.id, deed=deed, key=typed["key"], origin=origin_of(request), host=host_of(request),
        at=now(), wanted=wanted,
    )  # fmt: skip
    try:
        deeds.do(order)
    except Refused as refused:
        return refused
    return None


def _said(request: HttpRequest) -> str:
    if "agreed" in request.GET:
        return _("You agreed, and it is done. A refund goes to the gateway within a minute.")
    return _("You declined it. Who proposed it sees why.") if "declined" in request.GET else ""


def _render(
    request: HttpRequest, agent: Agent, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponseBase:
    everywhere: dict[str, object] = {"agent": agent, "place": words.place(agent.roles), "form": None, "problem": ""}
    return render(request, template, everywhere | dict(context), status=status)
