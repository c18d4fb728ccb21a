"""In place of a forgotten password: a code, a second proof where the first is not enough, a new password.

Whoever the login belongs to, or nobody, sees the same pages until a code was right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import queries as identity
from abonent.domains.identity.hashing import Busy
from abonent.domains.identity.passwords.check import WrongPassword, check_old
from abonent.domains.identity.rules import CaptchaNeeded, Channel, NoSuchCode, Purpose, TooMany, Way
from abonent.domains.lines import logins, resets
from abonent.domains.lines import queries as lines
from abonent.domains.lines.rules_logins import Login, LoginKind
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity import words as of_codes
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Asked, Send, Steps
from abonent.entrypoints.portal.identity.passwords import words
from abonent.entrypoints.portal.identity.passwords.forms import ForgotForm, OldPasswordForm
from abonent.entrypoints.portal.visitor import LOGIN, safe_address
from abonent.foundation.clock import now

START = f"{LOGIN}forgot/"
SECOND_PROOF = f"{START}second/"
CODE, AGAIN = f"{START}code/", f"{START}code/again/"
BY_NUMBER = Steps(Purpose.RESET, START, CODE, AGAIN)
BY_SMS = Steps(Purpose.RESET, START, CODE, AGAIN, (Channel.SMS,))
BY_EMAIL = Steps(Purpose.RESET, START, CODE, AGAIN, (Channel.EMAIL,))

# Who proved the number, and owes a second proof; in a session that is nobody's yet.
OWED = "reset_owed"
OWED_FOR = timedelta(minutes=10)

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for the login and how the code shall come; send it."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        asked = captcha.question(request, START)
        typed = asked.typed if asked else {"login": browser.remembered_number(request), "next": wanted}
        form = ForgotForm(initial={"login": typed.get("login", ""), "channel": typed.get("channel", Channel.SMS)})
        response = _form_page(request, form, safe_address(typed.get("next", "")), asked)
        browser.mark(request, response)
        return response
    form = ForgotForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, wanted, captcha.question(request, START))
    login: Login = form.cleaned_data["login"]
    channel: Channel = form.cleaned_data["channel"]
    try:
        return codes.ask(request, _steps(login, channel), login.value, wanted, _sending(request, login, channel))
    except CaptchaNeeded:
        kept = {"login": str(form["login"].value()), "channel": str(channel), "next": wanted}
        return captcha.ask(request, back=START, typed=kept)
    except TooMany as error:
        form.add_error("login", of_codes.refused(error, number=login.kind is not LoginKind.EMAIL))
        return codes.too_many(_form_page(request, form, wanted, None), error)


@page
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; lead to the new password, or to the second proof it takes."""

    def use(held: Held, typed: str) -> HttpResponse:
        reset = resets.enter(challenge_id=held.challenge_id, typed=typed, language=codes.language(), at=now())
        if reset.hold is None:
            return admit(request, Proven(reset.account_id, reset.line_id, Way.RESET, held.next))
        request.session.flush()
        request.session[OWED] = {
            "account_id": reset.account_id,
            "line_id": reset.line_id,
            "next": held.next,
            "reason": str(reset.hold.reason),
            "hold": reset.hold.until.isoformat(),
            "until": (now() + OWED_FOR).timestamp(),
        }
        request.session.set_expiry(now() + OWED_FOR)
        return HttpResponseRedirect(SECOND_PROOF)

    return codes.enter(request, _steps_of(request), browser.held_by(request, Purpose.RESET), use)


@page
@never_cache
def code_again(request: HttpRequest) -> HttpResponse:
    """Send the code once more, the same way."""

    def to(waiting: identity.Waiting) -> Send:
        return _sending(request, logins.parse(waiting.number), waiting.channel)

    return codes.send_again(request, _steps_of(request), to)


@dataclass(frozen=True, slots=True)
class Owed:
    """The number was proven by SMS, which is not enough until `hold`, since `reason` (`lines.rules.HoldReason`)."""

    account_id: int
    line_id: int
    next: str
    reason: str
    hold: datetime


@page
@never_cache
@sensitive_post_parameters()
def second_proof(request: HttpRequest) -> HttpResponse:
    """Ask for another proof where the SIM or the forwarding changed lately: the SMS may be in other hands."""
    owed = _owed(request)
    if owed is None:
        return HttpResponseRedirect(START)
    device = browser.origin_of(request).device
    is_known = identity.known_device(owed.account_id, device)
    form = OldPasswordForm(request.POST if request.method == "POST" and is_known else None)
    if request.method == "POST":
        if request.POST.get("choice") == "email":
            return _send_email(request, owed)
        if is_known and form.is_valid() and _is_old(request, owed, form):
            return admit(request, Proven(owed.account_id, owed.line_id, Way.RESET, owed.next))
    standing = identity.standing(owed.account_id)
    context = {
        "form": form,
        "is_known": is_known and standing.has_password,
        "login": lines.main_number_of(owed.account_id) or "",
        "has_email": bool(standing.email) and codes.by_email(),
        "has_passkey": standing.has_passkey,
        "reason": owed.reason,
        "hold": owed.hold,
    }
    return render(request, "portal/identity/passwords/second_proof.html", context)


def _send_email(request: HttpRequest, owed: Owed) -> HttpResponse:
    address = identity.email_of(owed.account_id)
    if not address or not codes.by_email():
        return HttpResponseRedirect(SECOND_PROOF)
    login = logins.parse(address)
    try:
        return codes.ask(
            request, BY_EMAIL, login.value, owed.next, _sending(request, login, Channel.EMAIL, number_proven=True)
        )
    except TooMany:
        # The page of the code says from when on there is another; without one, the person starts where it is said.
        return HttpResponseRedirect(START)


def _is_old(request: HttpRequest, owed: Owed, form: OldPasswordForm) -> bool:
    try:
        check_old(
            account_id=owed.account_id, typed=form.cleaned_data["old"], origin=browser.origin_of(request), at=now()
        )
    except WrongPassword as error:
        form.add_error("old", words.closed_here() if error.closed else words.wrong_old())
        return False
    except Busy:
        form.add_error("old", words.busy())
        return False
    return True


def _owed(request: HttpRequest) -> Owed | None:
    held = request.session.get(OWED)
    if not held or held["until"] <= now().timestamp() or not identity.is_there(held["account_id"]):
        return None
    return Owed(held["account_id"], held["line_id"], held["next"], held["reason"], datetime.fromisoformat(held["hold"]))


def _sending(request: HttpRequest, login: Login, channel: Channel, *, number_proven: bool = False) -> Send:
    def send(asked: Asked) -> UUID:
        # A number may ask for a call instead; an address gets what goes to addresses.
        by = channel if channel is Channel.EMAIL else asked.channel
        return resets.request_code(
            login=login,
            channel=by,
            again=asked.again,
            origin=browser.origin_of(request),
            host=browser.host_of(request),
            language=codes.language(),
            at=now(),
            solved=asked.solved,
            number_proven=number_proven,
        )

    return send


def _steps(login: Login, channel: Channel) -> Steps:
    if channel is Channel.EMAIL:
        return BY_EMAIL
    return BY_NUMBER if login.kind is LoginKind.NUMBER else BY_SMS


def _steps_of(request: HttpRequest) -> Steps:
    """Return the steps of the code that this browser holds."""
    held = browser.held_by(request, Purpose.RESET)
    if held is None:
        return BY_NUMBER
    try:
        waiting = identity.waiting(held.challenge_id, Purpose.RESET, now())
    except NoSuchCode:
        return BY_NUMBER
    return _steps(logins.parse(waiting.number), waiting.channel)


def _form_page(request: HttpRequest, form: ForgotForm, wanted: str, asked: captcha.Question | None) -> HttpResponse:
    context = {
        "form": form,
        "next": wanted,
        "captcha": asked,
        "may_email": codes.by_email(),
        "by_email": form["channel"].value() == Channel.EMAIL,
        "keyword_to": settings.SMS_SENDER,
    }
    return render(request, "portal/identity/passwords/forgot.html", context)
