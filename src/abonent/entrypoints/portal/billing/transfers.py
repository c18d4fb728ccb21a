"""Money to another subscriber: the form, the page that says the price and asks for the proof, the receipt, the list."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing.transfers import actions as billing
from abonent.domains.billing.transfers import queries, rules
from abonent.domains.billing.transfers.proofs import Shown
from abonent.domains.billing.transfers.queries import NoSuchTransfer, Transfer
from abonent.domains.billing.transfers.states import State
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import money_proof, transfers_paper, transfers_words
from abonent.entrypoints.portal.billing.money_proof import Confirmed
from abonent.entrypoints.portal.billing.transfers_forms import MoneyForm
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidAmount, parse_amount
from abonent.web import format as formats

HERE = "/transfer/"
SHOWN_FIRST = 5

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@signed_in
def start(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask whom to send how much. Nothing is looked up here, whoever it is."""
    at, line = now(), visitor.line
    terms = billing.terms_at(at)
    most = _("At most %(sum)s at a time") % {"sum": formats.money(terms.most_minor)}
    form = MoneyForm(request.POST if request.method == "POST" else None, hint=most)
    if request.method == "POST" and form.is_valid():
        amount_minor = form.cleaned_data["amount"]
        outside = rules.amount_refused(amount_minor, terms)
        if outside is None:
            transfer_id = billing.ask(
                form_id=form.cleaned_data["form"], account_id=visitor.account_id, line=line,
                number=form.cleaned_data["number"], amount_minor=amount_minor, at=at,
            )  # fmt: skip
            return HttpResponseRedirect(f"{HERE}{transfer_id}/confirm/")
        form.add_error("amount", transfers_words.why_not(outside).words)
    elif request.method != "POST":
        form.initial = {**form.initial, **_filled(request, visitor)}
    found = queries.history(line.contract_id, limit=SHOWN_FIRST + 1)
    context = {
        "visitor": visitor,
        "form": form,
        "terms": transfers_words.terms(terms),
        "rows": [transfers_words.row(one, line.contract_id) for one in found[:SHOWN_FIRST]],
        "more": len(found) > SHOWN_FIRST,
        "asked_back": [transfers_words.row(one, line.contract_id) for one in queries.waiting_back(line.contract_id)],
    }
    return render(request, "portal/billing/transfer.html", context)


@page
@sensitive_post_parameters("code")
@fresh_proof
def confirm(request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Say the price, who gets it and what is left; send the code, or take another proof of exactly this."""
    at = now()
    problem = None
    try:
        transfer = billing.look_up(transfer_id=transfer_id, account_id=visitor.account_id, at=at)
    except NoSuchTransfer:
        raise Http404 from None
    except billing.TooManyNumbers as error:
        transfer = queries.asked_by(transfer_id, visitor.account_id)
        problem = transfers_words.Problem(transfers_words.too_many_numbers(error.until))
    if transfer.state is not State.ASKED or at >= transfer.expires_at:
        return HttpResponseRedirect(f"{HERE}{transfer_id}/")
    _of_a_line_seen(visitor, transfer)
    sender, reason = billing.why_not(transfer, account_id=visitor.account_id, at=at)
    if reason is not None and problem is None:
        problem = transfers_words.why_not(reason)
    confirmed, ways = _confirmed(visitor, transfer), money_proof.offered(visitor)
    if request.method == "POST" and problem is None:
        response = money_proof.take(request, visitor, confirmed, ways)
        if response is not None:
            return response
    context = _shown(visitor, transfer, sender) | {"why_not": problem}
    asked, challenge = money_proof.context(request, visitor, confirmed, ways)
    response = render(request, "portal/billing/transfer_confirm.html", context | asked)
    return money_proof.finished(response, ways, challenge)


@page
@sensitive_post_parameters("code")
@signed_in
def code(request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Take the code; what it confirms stands above the field."""
    transfer = _own(visitor, transfer_id)
    if transfer.state is not State.ASKED or now() >= transfer.expires_at:
        return HttpResponseRedirect(f"{HERE}{transfer_id}/")
    return money_proof.enter(request, _confirmed(visitor, transfer))


@require_POST
@signed_in
def code_again(request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Send the code once more."""
    transfer = _own(visitor, transfer_id)
    if transfer.state is not State.ASKED or now() >= transfer.expires_at:
        return HttpResponseRedirect(f"{HERE}{transfer_id}/")
    return money_proof.again(request, visitor, _confirmed(visitor, transfer))


@require_safe
@signed_in
def receipt(request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Say what became of it, for ever at this address, to both sides."""
    transfer = _seen(visitor, transfer_id)
    at = now()
    if transfer.state is State.ASKED and at < transfer.expires_at:
        return HttpResponseRedirect(f"{HERE}{transfer_id}/confirm/")
    if transfer.state is not State.DONE:
        return _ended(request, visitor, transfer, at)
    income = transfer.contract_to in {line.contract_id for line in visitor.lines}
    back_id = queries.given_back(transfer.id)
    context = {
        "visitor": visitor,
        "transfer": transfer,
        "income": income,
        "title": _done(transfer, income=income),
        "sum": formats.money_parts(transfer.amount_minor),
        "when": transfers_words.when(transfer.settled_at or at),
        "facts": transfers_paper.facts(transfer, income=income),
        "back": f"{HERE}{back_id}/" if back_id else "",
        "may_ask_back": not income and not transfer.asked_back_at and billing.may_ask_back(transfer, at),
        "asked_back": transfer.asked_back_at is not None and back_id is None,
        "kept": transfer.kept_at is not None,
        "amount": formats.money(transfer.amount_minor),
    }
    return render(request, "portal/billing/transfer_receipt.html", context)


@require_safe
@signed_in
def paper(_request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Give the receipt as PDF."""
    transfer = _seen(visitor, transfer_id)
    if transfer.state is not State.DONE:
        raise Http404
    income = transfer.contract_to in {line.contract_id for line in visitor.lines}
    made = transfers_paper.pdf(transfer, income=income, title=_done(transfer, income=income))
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="transfer-{transfers_paper.number(transfer)}.pdf"'
    return response


@require_safe
@signed_in
def history(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List what came and went, newest first; `before` goes on from there."""
    line = visitor.line
    before = _moment(request.GET.get("before", ""))
    found = queries.history(line.contract_id, older_than=before, limit=rules.HISTORY_SHOWN + 1)
    shown = found[: rules.HISTORY_SHOWN]
    last = shown[-1].settled_at if shown and len(found) > len(shown) else None
    context = {
        "visitor": visitor,
        "rows": [transfers_words.row(one, line.contract_id) for one in shown],
        "earlier": f"?before={last.isoformat().replace('+', '%2B')}" if last else "",
        "is_first": before is None,
    }
    return render(request, "portal/billing/transfer_history.html", context)


@require_POST
@signed_in
def ask_back(_request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Ask the receiver to give a mistaken transfer back."""
    try:
        # Where it cannot be asked any more, the page says so by itself.
        with suppress(billing.NotNow):
            billing.ask_back(transfer_id=transfer_id, contract_ids=_contracts(visitor), at=now())
    except NoSuchTransfer:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}{transfer_id}/")


@require_POST
@signed_in
def answer_back(request: HttpRequest, visitor: Visitor, transfer_id: UUID) -> HttpResponse:
    """Give it back, by a transfer that is confirmed as any other, or keep it."""
    try:
        if request.POST.get("answer") == "keep":
            billing.keep(transfer_id=transfer_id, contract_ids=_contracts(visitor), at=now())
            return HttpResponseRedirect(f"{HERE}{transfer_id}/")
        transfer = _seen(visitor, transfer_id)
        line = next((one for one in visitor.lines if one.contract_id == transfer.contract_to), None)
        if line is None:
            raise Http404
        back_id = billing.give_back(transfer_id=transfer_id, account_id=visitor.account_id, line=line, at=now())
    except NoSuchTransfer:
        raise Http404 from None
    except billing.NotNow:
        return HttpResponseRedirect(f"{HERE}{transfer_id}/")
    return HttpResponseRedirect(f"{HERE}{back_id}/confirm/")


def _confirmed(visitor: Visitor, transfer: Transfer) -> Confirmed:
    sum_, number = formats.money(transfer.amount_minor), rules.masked(transfer.number_to)
    about = f"{sum_} → {' · '.join(part for part in (transfer.name_to, number) if part)}"

    def finish(shown: Shown) -> HttpResponse:
        # If it waits for no proof any more, the receipt says what became of it.
        with suppress(billing.NotWaiting):
            billing.confirm(transfer_id=transfer.id, account_id=visitor.account_id, shown=shown, at=now())
        return HttpResponseRedirect(f"{HERE}{transfer.id}/")

    return Confirmed(
        page=f"{HERE}{transfer.id}/confirm/",
        bound=transfer.bound,
        told={"amount_minor": str(transfer.amount_minor), "number": number},
        about=about,
        act=_("Transfer %(sum)s") % {"sum": sum_},
        finish=finish,
    )


def _shown(visitor: Visitor, transfer: Transfer, sender: rules.Sender) -> dict[str, Any]:
    """Return what the page of the price says; the number as it was typed, since the proof is fresh."""
    taken_minor = transfer.amount_minor + transfer.fee_minor
    return {
        "visitor": visitor,
        "transfer": transfer,
        "is_return": transfer.returns_id is not None,
        "amount": formats.money(transfer.amount_minor),
        "fee": formats.money(transfer.fee_minor),
        "taken": formats.money(taken_minor),
        "left": formats.money(sender.available_minor - taken_minor),
        "until": formats.clock(transfer.expires_at),
        "to_number": formats.phone(transfer.number_to),
    }


def _ended(request: HttpRequest, visitor: Visitor, transfer: Transfer, at: datetime) -> HttpResponse:
    problem = None
    if transfer.state is State.REFUSED:
        _, reason = billing.why_not(transfer, account_id=visitor.account_id, at=at)
        problem = transfers_words.why_not(reason or rules.Refused(rules.Refusal(transfer.reason))) if reason else None
    context = {
        "visitor": visitor,
        "title": transfers_words.ended(transfer),
        "why_not": problem,
        "again": f"{HERE}?again={transfer.id}" if transfer.returns_id is None else f"{HERE}{transfer.returns_id}/",
        "amount": formats.money(transfer.amount_minor),
        "to_number": rules.masked(transfer.number_to),
    }
    return render(request, "portal/billing/transfer_ended.html", context)


def _done(transfer: Transfer, *, income: bool) -> str:
    if transfer.returns_id:
        return _("Given back to you") if income else _("Given back")
    return _("Came to your balance") if income else _("Transferred")


def _filled(request: HttpRequest, visitor: Visitor) -> dict[str, str]:
    """Return what the form holds at first: what an own transfer wanted, or the sum of the address."""
    with suppress(NoSuchTransfer, ValueError):
        wish = queries.asked_by(UUID(request.GET.get("again", "")), visitor.account_id)
        return {"number": formats.phone(wish.number_to), "amount": _typed(wish.amount_minor)}
    try:
        return {"amount": _typed(parse_amount(request.GET.get("amount", "")))}
    except InvalidAmount:
        return {}


def _typed(amount_minor: int) -> str:
    whole, rest = divmod(amount_minor, 100)
    return f"{whole},{rest:02}" if rest else str(whole)


def _own(visitor: Visitor, transfer_id: UUID) -> Transfer:
    try:
        transfer = queries.asked_by(transfer_id, visitor.account_id)
    except NoSuchTransfer:
        raise Http404 from None
    _of_a_line_seen(visitor, transfer)
    return transfer


def _of_a_line_seen(visitor: Visitor, transfer: Transfer) -> Line:
    """Return the line it goes from; one that the person sees no more answers as what is not there."""
    line = next((one for one in visitor.lines if one.id == transfer.line_from_id), None)
    if line is None:
        raise Http404
    return line


def _seen(visitor: Visitor, transfer_id: UUID) -> Transfer:
    try:
        return queries.seen(transfer_id, _contracts(visitor), visitor.account_id)
    except NoSuchTransfer:
        raise Http404 from None


def _contracts(visitor: Visitor) -> list[int]:
    return sorted({line.contract_id for line in visitor.lines})


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
