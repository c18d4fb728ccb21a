"""Pages of another payer for a family: the owner asks a member, the member agrees having proven who it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from abonent.domains.billing import queries
from abonent.domains.billing.families import handover as families_handover
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.queries import NoSuchFamily
from abonent.entrypoints.portal.families import page, words
from abonent.entrypoints.portal.families.views import HERE, TEMPLATES, both, taker_of
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats


@both
@signed_in
def ask(request: HttpRequest, visitor: Visitor, member_id: UUID) -> HttpResponse:
    """Say what it means that a member pays from its next period on, and ask it."""
    own, taker = taker_of(visitor, member_id)
    problem = ""
    if request.method == "POST":
        try:
            form_id = UUID(request.POST.get("form", ""))
            families_handover.ask(form_id=form_id, member_id=member_id, line=visitor.line, at=now())
        except (ValueError, NoSuchFamily):
            raise Http404 from None
        except Refused as refused:
            problem = words.why_not(refused.refusal)
        else:
            return HttpResponseRedirect(f"{HERE}?payer-asked")
    context = {
        "visitor": visitor,
        "problem": problem,
        "taker": page.title(taker),
        "id": str(member_id),
        "fee": formats.money(own.version.fee_minor),
        "form_id": str(uuid4()),
    }
    return render(request, f"{TEMPLATES}payer.html", context)


@both
@fresh_proof
def answer(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what paying for the family means, from when and how much, and take the answer."""
    at, line, problem = now(), visitor.line, ""
    if request.method == "POST":
        try:
            handover_id = UUID(request.POST.get("id", ""))
            if request.POST.get("answer") == "no":
                families_handover.refuse(handover_id=handover_id, line=line, at=at)
                return HttpResponseRedirect(f"{HERE}?payer-refused")
            shown = datetime.fromisoformat(request.POST.get("from", ""))
            families_handover.agree(handover_id=handover_id, line=line, shown=shown, at=at)
        except (ValueError, NoSuchFamily):
            raise Http404 from None
        except Refused as refused:
            problem = words.why_not(refused.refusal)
        else:
            return HttpResponseRedirect(f"{HERE}?payer-agreed")
    offered = families_handover.offered(line, at)
    if offered is None and not problem:
        raise Http404
    context = {
        "visitor": visitor,
        "problem": problem,
        "offered": page.offered(offered, queries.balance(line.contract_id)) if offered else None,
        "number": formats.phone(line.number),
    }
    return render(request, f"{TEMPLATES}payer_asked.html", context)


@require_POST
@signed_in
def withdraw(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Call the wish off, or an answer that has not taken effect."""
    try:
        families_handover.withdraw(handover_id=UUID(request.POST.get("id", "")), line=visitor.line, at=now())
    except (ValueError, NoSuchFamily):
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?payer-withdrawn")
