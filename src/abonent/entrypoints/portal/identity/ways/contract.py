"""Getting in by the number of a contract or account. The answer is the same whether there is such a contract or not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.customers.rules import number_of
from abonent.domains.identity.rules import CaptchaNeeded, Channel, Purpose, TooMany, Way
from abonent.domains.lines import contracts as lines
from abonent.domains.lines.actions import ContractEnded
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser, codes, words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Steps
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.entrypoints.portal.visitor import HOME, LOGIN, safe_address, visitor_of
from abonent.foundation.clock import now
from abonent.web import format as formats

START = f"{LOGIN}contract/"
STEPS = Steps(Purpose.CONTRACT, START, f"{START}code/", f"{START}code/again/", (Channel.SMS, Channel.EMAIL))

page = require_http_methods(["GET", "HEAD", "POST"])


class ContractForm(TypedForm):
    """The number of a contract or account, and where its code goes."""

    number = forms.CharField(
        label=gettext_lazy("Number of the contract or account"),
        help_text=gettext_lazy(
            "It stands on the contract and on every bill. Capitals, blanks and hyphens do not matter"
        ),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    channel = forms.CharField(required=False)

    def clean_number(self) -> str:
        typed = self.cleaned_data["number"]
        if not typed:
            raise forms.ValidationError(_("Enter the number of the contract or account"))
        if typed.startswith("+"):
            raise forms.ValidationError(_("This is a phone number. Sign in by number, or enter that of the contract"))
        number = number_of(typed)
        if not number:
            raise forms.ValidationError(_("The number has up to 20 digits and Latin letters. Look at the contract"))
        return number

    def clean_channel(self) -> Channel:
        # Nobody types this: what is neither means the first.
        wanted = self.cleaned_data["channel"] == Channel.EMAIL and codes.by_email()
        return Channel.EMAIL if wanted else Channel.SMS


@page
@never_cache
def contract(request: HttpRequest) -> HttpResponse:
    """Ask for the number; send a code to the contact of the contract, if there is one."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        if visitor_of(request):
            return HttpResponseRedirect(wanted)
        asked = captcha.question(request, START)
        typed = asked.typed if asked else {}
        response = _page(request, ContractForm(initial=typed), safe_address(typed.get("next", wanted)), asked)
        browser.mark(request, response)
        return response
    form = ContractForm(_known(request.POST))
    if not form.is_valid():
        return _page(request, form, wanted, captcha.question(request, START))
    number: str = form.cleaned_data["number"]
    channel: Channel = form.cleaned_data["channel"]
    try:
        return codes.ask(request, STEPS, number, wanted, _to_contact(request, number, channel))
    except CaptchaNeeded:
        typed = {"number": number, "channel": str(channel), "next": wanted}
        return captcha.ask(request, back=START, typed=typed)
    except TooMany as error:
        form.add_error("number", words.refused(error))
        return codes.too_many(_page(request, form, wanted, None), error)


@page
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; open a session with it."""
    held = browser.held_by(request, Purpose.CONTRACT)
    if request.method != "POST" and visitor_of(request):
        return HttpResponseRedirect(held.next if held else HOME)

    def use(held: Held, typed: str) -> HttpResponse:
        try:
            entered = lines.enter(challenge_id=held.challenge_id, typed=typed, language=codes.language(), at=now())
        except ContractEnded as ended:
            day = formats.day(ended.at) if ended.at else ""
            return render(request, "portal/identity/contract_ended.html", {"day": day})
        return admit(
            request, Proven(entered.account_id, entered.line_id, Way.CONTRACT, held.next, fresh=not entered.held)
        )

    return codes.enter(request, STEPS, held, use)


@page
@never_cache
def again(request: HttpRequest) -> HttpResponse:
    """Send the code once more, or a new one when the old is no good any more."""
    return codes.send_again(request, STEPS, lambda waiting: _to_contact(request, waiting.number, waiting.channel))


def _to_contact(request: HttpRequest, number: str, channel: Channel) -> codes.Send:
    """Return what sends a code to the mobile number or the e-mail address of the contract."""
    return lambda asked: lines.request_code(
        number=number,
        channel=channel,
        again=asked.again,
        origin=browser.origin_of(request),
        host=browser.host_of(request),
        language=codes.language(),
        at=now(),
        solved=asked.solved,
    )


def _known(posted: QueryDict) -> QueryDict:
    """Return the fields of the form alone: however many others came, they are not looked at."""
    kept = QueryDict(mutable=True)
    kept.update({name: posted.get(name, "") for name in ("number", "channel")})
    return kept


def _page(request: HttpRequest, form: ContractForm, wanted: str, asked: captcha.Question | None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "next": wanted,
        "captcha": asked,
        "by_email": codes.by_email(),
        "channel": Channel.EMAIL if form["channel"].value() == Channel.EMAIL else Channel.SMS,
    }
    return render(request, "portal/identity/contract.html", context)
