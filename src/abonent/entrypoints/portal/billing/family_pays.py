"""Paying for somebody else's number: whom one pays for, who pays for one, invitations, and the end of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from abonent.domains.billing.family_pays import actions as billing
from abonent.domains.billing.family_pays import queries, rules
from abonent.domains.billing.family_pays.queries import FamilyState, NoSuchPay, Pay
from abonent.domains.billing.transfers.proofs import Shown
from abonent.domains.billing.transfers.rules import masked
from abonent.entrypoints.portal.billing import family_pays_words as words
from abonent.entrypoints.portal.billing import money_proof
from abonent.entrypoints.portal.billing.money_proof import Confirmed
from abonent.entrypoints.portal.billing.transfers_forms import MoneyForm
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/family/"

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@signed_in
def family(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show both sides' agreements, and the form that asks for another."""
    at, line = now(), visitor.line
    terms = billing.terms_at(at)
    hint = _("From %(least)s to %(most)s") % {
        "least": formats.money(terms.cap_least_minor),
        "most": formats.money(terms.cap_most_minor),
    }
    form = MoneyForm(
        request.POST if request.method == "POST" else None, hint=hint, label=_("At most a month, ₽")
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        refusal = rules.cap_refused(form.cleaned_data["amount"], terms)
        if refusal is None:
            pay_id = billing.ask(
                form_id=form.cleaned_data["form"], account_id=visitor.account_id, line=line,
                number=form.cleaned_data["number"], cap_minor=form.cleaned_data["amount"], at=at,
            )  # fmt: skip
            return HttpResponseRedirect(f"{HERE}{pay_id}/confirm/")
        form.add_error("amount", hint)
    paid_by = queries.paid_by(line.contract_id, at)
    context = {
        "visitor": visitor,
        "form": form,
        "paid_by": [words.as_payer(pay) for pay in paid_by],
        "together": words.together(paid_by),
        "paid_for": [words.as_member(pay) for pay in queries.paid_for(line.contract_id, _numbers(visitor), at)],
        "rule": words.rule(terms.threshold_minor, terms.portion_minor),
        "said": words.said(request.GET),
    }
    return render(request, "portal/billing/family.html", context)


@page
@sensitive_post_parameters("code")
@fresh_proof
def confirm(request: HttpRequest, visitor: Visitor, pay_id: UUID) -> HttpResponse:
    """Say what is promised, and ask for the proof of exactly this."""
    pay, at = _own(visitor, pay_id), now()
    if pay.state != FamilyState.ASKED or at >= pay.asked_at + rules.ASKED_FOR:
        return HttpResponseRedirect(HERE)
    refusal = billing.why_not(pay, account_id=visitor.account_id, at=at)
    confirmed, ways = _confirmed(visitor, pay), money_proof.offered(visitor)
    if request.method == "POST" and refusal is None:
        response = money_proof.take(request, visitor, confirmed, ways)
        if response is not None:
            return response
    context: dict[str, Any] = {
        "visitor": visitor,
        "cap": formats.money(pay.cap_minor),
        "to_number": formats.phone(pay.number),
        "threshold": formats.money(pay.threshold_minor),
        "portion": formats.money(pay.portion_minor),
        "page": confirmed.page,
        "why_not": words.why_not(refusal) if refusal else "",
    }
    asked, challenge = money_proof.context(request, visitor, confirmed, ways)
    response = render(request, "portal/billing/family_confirm.html", context | asked)
    return money_proof.finished(response, ways, challenge)


@page
@sensitive_post_parameters("code")
@signed_in
def code(request: HttpRequest, visitor: Visitor, pay_id: UUID) -> HttpResponse:
    """Take the code; what it confirms stands above the field."""
    pay = _own(visitor, pay_id)
    if pay.state != FamilyState.ASKED:
        return HttpResponseRedirect(HERE)
    return money_proof.enter(request, _confirmed(visitor, pay))


@require_POST
@signed_in
def code_again(request: HttpRequest, visitor: Visitor, pay_id: UUID) -> HttpResponse:
    """Send the code once more."""
    pay = _own(visitor, pay_id)
    if pay.state != FamilyState.ASKED:
        return HttpResponseRedirect(HERE)
    return money_proof.again(request, visitor, _confirmed(visitor, pay))


@require_POST
@signed_in
def agree(_request: HttpRequest, visitor: Visitor, pay_id: UUID) -> HttpResponse:
    """Let somebody pay for a number of one's own."""
    for line in visitor.lines:
        if line.service == "mobile":
            try:
                billing.agree(pay_id=pay_id, line=line, at=now())
            except NoSuchPay:
                continue
            except (billing.NotWaiting, billing.Refused):
                return HttpResponseRedirect(f"{HERE}?late")
            return HttpResponseRedirect(f"{HERE}?agreed")
    raise Http404


@require_POST
@signed_in
def end(_request: HttpRequest, visitor: Visitor, pay_id: UUID) -> HttpResponse:
    """End it, as either side."""
    contract_ids = {line.contract_id for line in visitor.lines}
    try:
        billing.end(pay_id=pay_id, contract_ids=contract_ids, numbers=_numbers(visitor), at=now())
    except NoSuchPay:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?ended")


def _confirmed(visitor: Visitor, pay: Pay) -> Confirmed:
    cap, number = formats.money(pay.cap_minor), masked(pay.number)

    def finish(shown: Shown) -> HttpResponse:
        try:
            billing.confirm(pay_id=pay.id, account_id=visitor.account_id, shown=shown, at=now())
        except (billing.NotWaiting, billing.Refused):
            return HttpResponseRedirect(f"{HERE}{pay.id}/confirm/")
        return HttpResponseRedirect(f"{HERE}?invited")

    return Confirmed(
        page=f"{HERE}{pay.id}/confirm/",
        bound=pay.bound,
        told={"amount_minor": str(pay.cap_minor), "number": number, "monthly": "1"},
        about=_("Up to %(sum)s a month for %(number)s") % {"sum": cap, "number": number},
        act=_("Pay up to %(sum)s a month") % {"sum": cap},
        finish=finish,
    )


def _own(visitor: Visitor, pay_id: UUID) -> Pay:
    """Return the person's own wish; of a line that they see no more, it is not there."""
    try:
        pay = queries.asked_by(pay_id, visitor.account_id)
    except NoSuchPay:
        raise Http404 from None
    if all(line.id != pay.payer_line_id for line in visitor.lines):
        raise Http404
    return pay


def _numbers(visitor: Visitor) -> list[str]:
    return [line.number for line in visitor.lines if line.service == "mobile"]
