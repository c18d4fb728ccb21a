"""Pages of getting in by phone. They work without scripts; forms answer with a redirect or with the form again."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import pins
from abonent.domains.identity.rules import CaptchaNeeded, Purpose, TooMany, Way
from abonent.domains.lines import actions as lines
from abonent.domains.lines.access import NoSuchLine
from abonent.domains.porting import gateway
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser, codes, words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Steps
from abonent.entrypoints.portal.identity.federation.offer import offer
from abonent.entrypoints.portal.identity.forms import NumberForm
from abonent.entrypoints.portal.visitor import (
    HOME,
    LOGIN,
    Visitor,
    safe_address,
    select_line,
    signed_in,
    visitor_of,
)
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn

ENTRY = Steps(Purpose.ENTRY, LOGIN, f"{LOGIN}code/", f"{LOGIN}code/again/")

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the number; send a code to it. The answer is the same whether anybody uses the number or not."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        return _login_form(request, wanted)
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _login_page(request, form, wanted, captcha.question(request, LOGIN))
    number: Msisdn = form.cleaned_data["number"]
    remember: bool = form.cleaned_data["remember"]
    try:
        send = codes.to_number(request, Purpose.ENTRY, number.e164)
        response = codes.ask(request, ENTRY, number.e164, wanted, send)
    except CaptchaNeeded:
        typed = {"number": form["number"].value(), "remember": "on" if remember else "", "next": wanted}
        return captcha.ask(request, back=LOGIN, typed=typed)
    except TooMany as error:
        form.add_error("number", words.refused(error))
        return codes.too_many(_login_page(request, form, wanted), error)
    browser.remember_number(response, number.e164 if remember else None)
    return response


def _login_form(request: HttpRequest, wanted: str) -> HttpResponse:
    """Show the empty form, or what was typed before a question for people came between."""
    if visitor_of(request):
        return HttpResponseRedirect(wanted)
    asked = captcha.question(request, LOGIN)
    remembered = browser.remembered_number(request)
    typed = asked.typed if asked else {"number": remembered, "remember": remembered, "next": wanted}
    initial = {"number": typed.get("number", ""), "remember": bool(typed.get("remember"))}
    response = _login_page(request, NumberForm(initial=initial), safe_address(typed.get("next", "")), asked)
    browser.mark(request, response)
    return response


@page
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; open a session with it."""
    held = browser.held_by(request, Purpose.ENTRY)
    if request.method != "POST" and visitor_of(request):
        return HttpResponseRedirect(held.next if held else HOME)

    def use(held: Held, typed: str) -> HttpResponse:
        entered = lines.enter(challenge_id=held.challenge_id, typed=typed, language=codes.language(), at=now())
        return admit(request, Proven(entered.account_id, entered.line_id, Way.CODE, held.next, fresh=not entered.held))

    return codes.enter(request, ENTRY, held, use)


@page
@never_cache
def code_again(request: HttpRequest) -> HttpResponse:
    """Send the code once more, or a new one when the old is no good any more; or say it in a call."""
    return codes.send_again(request, ENTRY, lambda waiting: codes.to_number(request, Purpose.ENTRY, waiting.number))


@page
def logout(request: HttpRequest) -> HttpResponse:
    """End the session, and ask the browser to forget what it kept of it."""
    response = HttpResponseRedirect("/")
    if request.method == "POST":
        # The device's own half of the key goes with what the browser kept.
        pins.forget_key(device_key_id=browser.device_key_of(request))
        browser.hold_device_key(response, None)
        request.session.flush()
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@page
@signed_in
def line(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Make the pages speak of another line of the same person."""
    if request.method == "POST":
        wanted = request.POST.get("line", "")
        if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
            raise Http404
        try:
            select_line(request, visitor, int(wanted))
        except NoSuchLine:
            raise Http404 from None
    return HttpResponseRedirect(safe_address(request.POST.get("next", "")))


def _login_page(
    request: HttpRequest, form: NumberForm, wanted: str, asked: captcha.Question | None = None
) -> HttpResponse:
    context = {
        "form": form, "next": wanted, "captcha": asked, "offer": offer(request), "by_email": codes.by_email(),
        "brings_numbers": gateway.is_there(),
    }  # fmt: skip
    return render(request, "portal/identity/login.html", context)
