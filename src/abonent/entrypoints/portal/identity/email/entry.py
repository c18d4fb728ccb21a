"""Getting in by a code to a confirmed e-mail address. The answer is the same whether anybody confirmed it or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import addresses
from abonent.domains.identity.rules import CaptchaNeeded, Channel, Purpose, TooMany, Way
from abonent.domains.lines import addresses as lines
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser, codes, words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Steps
from abonent.entrypoints.portal.identity.email.forms import EmailForm
from abonent.entrypoints.portal.visitor import HOME, LOGIN, safe_address, visitor_of
from abonent.foundation.clock import now

START = f"{LOGIN}email/"
STEPS = Steps(Purpose.EMAIL, START, f"{START}code/", f"{START}code/again/", (Channel.EMAIL,))

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def email(request: HttpRequest) -> HttpResponse:
    """Ask for the address; send a code to it if it is somebody's."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if not codes.by_email():
        return HttpResponseRedirect(LOGIN)
    if request.method != "POST":
        if visitor_of(request):
            return HttpResponseRedirect(wanted)
        asked = captcha.question(request, START)
        typed = asked.typed if asked else {}
        response = _form_page(
            request, EmailForm(initial=typed, hint=_hint()), safe_address(typed.get("next", wanted)), asked
        )
        browser.mark(request, response)
        return response
    form = EmailForm(request.POST, hint=_hint())
    if not form.is_valid():
        return _form_page(request, form, wanted, captcha.question(request, START))
    address: str = form.cleaned_data["email"]
    try:
        return codes.ask(request, STEPS, address, wanted, to_address(request, address))
    except CaptchaNeeded:
        return captcha.ask(request, back=START, typed={"email": address, "next": wanted})
    except TooMany as error:
        form.add_error("email", words.refused(error, number=False))
        return codes.too_many(_form_page(request, form, wanted, None), error)


@page
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; open a session with it."""
    held = browser.held_by(request, Purpose.EMAIL)
    if request.method != "POST" and visitor_of(request):
        return HttpResponseRedirect(held.next if held else HOME)

    def use(held: Held, typed: str) -> HttpResponse:
        account_id = addresses.enter(challenge_id=held.challenge_id, typed=typed, at=now())
        return admit(request, Proven(account_id, 0, Way.EMAIL, held.next))

    return codes.enter(request, STEPS, held, use)


@page
@never_cache
def again(request: HttpRequest) -> HttpResponse:
    """Send the code once more, or a new one when the old is no good any more."""
    return codes.send_again(request, STEPS, lambda waiting: to_address(request, waiting.number))


def to_address(request: HttpRequest, address: str, purpose: Purpose = Purpose.EMAIL) -> codes.Send:
    """Return what sends a code to the account whose confirmed address it is, if it is anybody's."""
    return lambda asked: lines.request_code(
        address=address,
        purpose=purpose,
        again=asked.again,
        origin=browser.origin_of(request),
        host=browser.host_of(request),
        language=codes.language(),
        at=now(),
        solved=asked.solved,
    )


def _form_page(request: HttpRequest, form: EmailForm, wanted: str, asked: captcha.Question | None) -> HttpResponse:
    return render(request, "portal/identity/email.html", {"form": form, "next": wanted, "captcha": asked})


def _hint() -> str:
    return _("The one you confirmed in the cabinet. We will send a code to it")
