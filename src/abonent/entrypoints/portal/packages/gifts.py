"""Something of one's own for another number: the form, the page that says what it means, the receipt."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing.gifts import actions as billing
from abonent.domains.billing.gifts import queries, rules
from abonent.domains.billing.gifts.queries import Gift, NoSuchGift
from abonent.domains.billing.transfers.proofs import Shown
from abonent.domains.billing.transfers.rules import masked
from abonent.domains.billing.transfers.states import State
from abonent.entrypoints.portal.billing import money_proof, transfers_words
from abonent.entrypoints.portal.billing.money_proof import Confirmed
from abonent.entrypoints.portal.packages import gift_words, words
from abonent.entrypoints.portal.packages.forms import GiftForm
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

TEMPLATES = "portal/packages/"
HERE = "/packages/gifts/"

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@signed_in
def start(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask whom to give how much of what. Nothing is looked up here, whoever it is."""
    at, line = now(), visitor.line
    terms = billing.terms_at(at)
    form = GiftForm(request.POST if request.method == "POST" else None)
    giver, _line = queries.giver_of(visitor.account_id, line.id, at)
    if request.method == "POST" and form.is_valid():
        bucket, amount = form.wish()
        reason = rules.amount_refused(bucket, amount, terms)
        if reason is None and amount > (there := rules.giveable(giver.left, bucket, terms)):
            reason = rules.Refused(rules.Refusal.MORE, there)
        if reason is None:
            gift_id = billing.ask(
                form_id=form.cleaned_data["form"], account_id=visitor.account_id, line=line,
                number=form.cleaned_data["number"], bucket=bucket, amount=amount, at=at,
            )  # fmt: skip
            return HttpResponseRedirect(f"{HERE}{gift_id}/confirm/")
        form.add_error("amount", gift_words.why_not(reason, bucket).words)
    context = {"visitor": visitor, "form": form, "terms": gift_words.terms(terms, giver)}
    return render(request, f"{TEMPLATES}give.html", context)


@page
@sensitive_post_parameters("code")
@fresh_proof
def confirm(request: HttpRequest, visitor: Visitor, gift_id: UUID) -> HttpResponse:
    """Say who gets what, the fee and what is left; send the code, or take another proof of exactly this."""
    at = now()
    problem = None
    try:
        gift = billing.look_up(gift_id=gift_id, account_id=visitor.account_id, at=at)
    except NoSuchGift:
        raise Http404 from None
    except billing.TooManyNumbers as error:
        gift = queries.asked_by(gift_id, visitor.account_id)
        problem = transfers_words.Problem(transfers_words.too_many_numbers(error.until))
    if gift.state is not State.ASKED or at >= gift.expires_at:
        return HttpResponseRedirect(f"{HERE}{gift_id}/")
    _of_a_line_seen(visitor, gift)
    giver, reason = billing.why_not(gift, account_id=visitor.account_id, at=at)
    if reason is not None and problem is None:
        problem = gift_words.why_not(reason, gift.bucket)
    confirmed, ways = _confirmed(visitor, gift), money_proof.offered(visitor)
    if request.method == "POST" and problem is None:
        response = money_proof.take(request, visitor, confirmed, ways)
        if response is not None:
            return response
    terms = billing.terms_at(at)
    there = rules.giveable(giver.left, gift.bucket, terms)
    context = {
        "visitor": visitor,
        "gift": gift,
        "amount": words.quantity(gift.bucket, gift.amount),
        "fee": formats.money(gift.fee_minor),
        "left": words.quantity(gift.bucket, max(0, there - gift.amount)),
        "balance": formats.money(giver.available_minor - gift.fee_minor) if giver.prepaid else "",
        "valid": words.last_day(rules.ends_at(at, terms, ZoneInfo(settings.TIME_ZONE))),
        "until": formats.clock(gift.expires_at),
        "to_number": formats.phone(gift.number_to),
        "why_not": problem,
    }
    asked, challenge = money_proof.context(request, visitor, confirmed, ways)
    response = render(request, f"{TEMPLATES}give_confirm.html", context | asked)
    return money_proof.finished(response, ways, challenge)


@page
@sensitive_post_parameters("code")
@signed_in
def code(request: HttpRequest, visitor: Visitor, gift_id: UUID) -> HttpResponse:
    """Take the code; what it confirms stands above the field."""
    gift = _own(visitor, gift_id)
    if gift.state is not State.ASKED or now() >= gift.expires_at:
        return HttpResponseRedirect(f"{HERE}{gift_id}/")
    return money_proof.enter(request, _confirmed(visitor, gift))


@require_POST
@signed_in
def code_again(request: HttpRequest, visitor: Visitor, gift_id: UUID) -> HttpResponse:
    """Send the code once more."""
    gift = _own(visitor, gift_id)
    if gift.state is not State.ASKED or now() >= gift.expires_at:
        return HttpResponseRedirect(f"{HERE}{gift_id}/")
    return money_proof.again(request, visitor, _confirmed(visitor, gift))


@require_safe
@signed_in
def receipt(request: HttpRequest, visitor: Visitor, gift_id: UUID) -> HttpResponse:
    """Say what became of it, for ever at this address, to both sides."""
    line_ids = [line.id for line in visitor.lines]
    try:
        gift = queries.seen(gift_id, line_ids, visitor.account_id)
    except NoSuchGift:
        raise Http404 from None
    at = now()
    if gift.state is State.ASKED and at < gift.expires_at:
        return HttpResponseRedirect(f"{HERE}{gift_id}/confirm/")
    done, income = gift.state is State.DONE, gift.line_from_id not in line_ids
    problem = None
    if gift.state is State.REFUSED:
        _giver, reason = billing.why_not(gift, account_id=visitor.account_id, at=at)
        problem = gift_words.why_not(reason, gift.bucket) if reason else None
    context = {
        "visitor": visitor,
        "done": done,
        "title": (_("A gift to you") if income else _("Given")) if done else gift_words.ended(gift),
        "income": income,
        "amount": words.quantity(gift.bucket, gift.amount),
        "when": formats.moment(gift.settled_at or gift.asked_at),
        "facts": gift_words.facts(gift, income=income),
        "why_not": problem,
    }
    return render(request, f"{TEMPLATES}gift.html", context)


def _confirmed(visitor: Visitor, gift: Gift) -> Confirmed:
    amount, number = words.quantity(gift.bucket, gift.amount), masked(gift.number_to)
    about = f"{amount} → {' · '.join(part for part in (gift.name_to, number) if part)}"

    def finish(shown: Shown) -> HttpResponse:
        # If it waits for no proof any more, the receipt says what became of it.
        with suppress(billing.NotWaiting):
            billing.confirm(gift_id=gift.id, account_id=visitor.account_id, shown=shown, at=now())
        return HttpResponseRedirect(f"{HERE}{gift.id}/")

    return Confirmed(
        page=f"{HERE}{gift.id}/confirm/",
        bound=gift.bound,
        told={"bucket": gift.bucket, "amount": str(gift.amount), "number": number},
        about=about,
        act=_("Give %(amount)s") % {"amount": amount},
        finish=finish,
    )


def _own(visitor: Visitor, gift_id: UUID) -> Gift:
    try:
        gift = queries.asked_by(gift_id, visitor.account_id)
    except NoSuchGift:
        raise Http404 from None
    _of_a_line_seen(visitor, gift)
    return gift


def _of_a_line_seen(visitor: Visitor, gift: Gift) -> None:
    """One of a line that the person sees no more answers as what is not there."""
    if gift.line_from_id not in {line.id for line in visitor.lines}:
        raise Http404
