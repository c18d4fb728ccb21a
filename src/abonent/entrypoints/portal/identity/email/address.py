"""The e-mail address of an account, in the cabinet: shown, confirmed by a code sent to it, removed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import addresses
from abonent.domains.identity import queries as identity
from abonent.domains.identity.rules import CaptchaNeeded, Channel, Purpose, TooMany
from abonent.entrypoints.portal.identity import browser, codes, words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Steps
from abonent.entrypoints.portal.identity.email.forms import EmailForm
from abonent.entrypoints.portal.visitor import Visitor, factor_proof
from abonent.foundation.clock import now

START = "/security/email/"
STEPS = Steps(Purpose.ADDRESS, START, f"{START}code/", f"{START}code/again/", (Channel.EMAIL,))

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@factor_proof
def address(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the address; send a code to the one that is to take its place."""
    if request.method != "POST" or not codes.by_email():
        asked = captcha.question(request, START)
        return _page(request, visitor, EmailForm(initial=asked.typed if asked else {}, hint=_hint()), asked)
    form = EmailForm(request.POST, hint=_hint())
    if not form.is_valid():
        return _page(request, visitor, form, captcha.question(request, START))
    new: str = form.cleaned_data["email"]
    if new == identity.standing(visitor.account_id).email:
        return HttpResponseRedirect(f"{START}?set")
    try:
        return codes.ask(request, STEPS, new, f"{START}?set", _to_address(request, visitor, new))
    except CaptchaNeeded:
        return captcha.ask(request, back=START, typed={"email": new})
    except TooMany as error:
        form.add_error("email", words.refused(error, number=False))
        return codes.too_many(_page(request, visitor, form, None), error)


@page
@factor_proof
def code(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for the code that went to the new address; make it the account's."""

    def use(held: Held, typed: str) -> HttpResponse:
        addresses.set_address(account_id=visitor.account_id, challenge_id=held.challenge_id, typed=typed, at=now())
        return HttpResponseRedirect(f"{START}?set")

    return codes.enter(request, STEPS, browser.held_by(request, Purpose.ADDRESS), use)


@page
@factor_proof
def again(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send the code to the new address once more."""
    return codes.send_again(request, STEPS, lambda waiting: _to_address(request, visitor, waiting.number))


@page
@factor_proof
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take the address from the account."""
    if request.method == "POST":
        addresses.remove_address(account_id=visitor.account_id, at=now())
        return HttpResponseRedirect(f"{START}?removed")
    return HttpResponseRedirect(START)


def _to_address(request: HttpRequest, visitor: Visitor, new: str) -> codes.Send:
    return lambda asked: addresses.request_confirmation(
        account_id=visitor.account_id,
        address=new,
        again=asked.again,
        origin=browser.origin_of(request),
        host=browser.host_of(request),
        language=codes.language(),
        at=now(),
        solved=asked.solved,
    )


def _page(request: HttpRequest, visitor: Visitor, form: EmailForm, asked: captcha.Question | None) -> HttpResponse:
    context = {
        "visitor": visitor,
        "form": form,
        "captcha": asked,
        "by_email": codes.by_email(),
        "address": identity.standing(visitor.account_id).email or "",
        "set": "set" in request.GET and not form.errors,
        "removed": "removed" in request.GET and not form.errors,
    }
    return render(request, "portal/identity/email_address.html", context)


def _hint() -> str:
    return _("We will send a code to it. Until it is entered, nothing changes")
