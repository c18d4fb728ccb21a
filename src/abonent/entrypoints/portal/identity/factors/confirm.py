"""A fresh proof, by whatever the person has: a code by SMS or e-mail, authenticator app, passkey, password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import passkeys
from abonent.domains.identity import queries as identity
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.queries import Factors, factors_of
from abonent.domains.identity.factors.rules import FactorError, FactorPaused
from abonent.domains.identity.hashing import Busy
from abonent.domains.identity.passwords import check as passwords_check
from abonent.domains.identity.passwords.check import WrongPassword
from abonent.domains.identity.queries import Standing
from abonent.domains.identity.rules import CaptchaNeeded, Channel, Proof, TooMany
from abonent.domains.lines.rules import Hold
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity import words as code_words
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.factors import ceremony, own_codes, words
from abonent.entrypoints.portal.identity.factors.forms import AppCodeForm, OwnPasswordForm, RecoveryCodeForm
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.entrypoints.portal.identity.passwords import words as password_words
from abonent.entrypoints.portal.visitor import (
    BY_FACTOR,
    CONFIRM,
    LOGIN,
    Visitor,
    fresh_proof_by,
    prove_anew,
    safe_address,
    signed_in,
)
from abonent.foundation.clock import now

TOO_MANY = 429

page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(slots=True)
class Asked:
    """One visit to the page: what the person has, what was typed, what is wrong with it."""

    wanted: str
    # Only a second factor counts.
    by_factor: bool
    standing: Standing
    factors: Factors
    target: own_codes.Target
    hold: Hold | None
    app_form: TypedForm
    recovery_form: TypedForm
    password_form: OwnPasswordForm
    problem: str = ""
    error: Exception | None = None


@page
@sensitive_post_parameters()
@signed_in
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Offer every kind of proof the person has; take the one chosen."""
    asked = _asked(request, visitor)
    if _is_proven(request, by_factor=asked.by_factor):
        return HttpResponseRedirect(asked.wanted)
    if not _ways(asked):
        return _start_anew(request, asked.wanted)
    if request.method != "POST":
        return _page(request, asked)
    way = request.POST.get("way", "")
    way = way if way in TAKEN else "sms"
    response = TAKEN[way](request, visitor, asked) if way in _ways(asked) else None
    return response or _page(request, asked)


@page
@signed_in
def confirm_code(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for the code of the fresh proof; take note of the proof."""
    return own_codes.enter(request, visitor, proven=_is_proven(request, by_factor=False))


@page
@signed_in
def confirm_code_again(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send the code of the fresh proof once more, or say it in a call."""
    return own_codes.send_again(request, visitor)


def _asked(request: HttpRequest, visitor: Visitor) -> Asked:
    typed = captcha.question(request, CONFIRM)
    wanted = typed.typed.get("next", "") if typed else request.POST.get("next") or request.GET.get("next", "")
    target = own_codes.target_of(visitor)
    standing = identity.standing(visitor.account_id)
    return Asked(
        wanted=safe_address(wanted),
        by_factor=standing.has_second_factor and "factor" in (request.POST or request.GET),
        standing=standing,
        factors=factors_of(visitor.account_id),
        target=target,
        hold=own_codes.hold_of(target, now()),
        app_form=AppCodeForm(),
        recovery_form=RecoveryCodeForm(),
        password_form=OwnPasswordForm(),
    )


def _ways(asked: Asked) -> list[str]:
    """Return what the person can prove themselves with, quickest first."""
    held = asked.factors
    ways = ["passkey"] if held.passkeys else []
    ways += ["app"] if held.totp_since else []
    if not asked.by_factor:
        # A code by SMS lifts no protection, and nothing else is to be confirmed while there is one.
        ways += ["sms"] if asked.target.number and not asked.standing.frozen_at else []
        ways += ["email"] if asked.target.email and codes.by_email() else []
        ways += ["password"] if asked.standing.has_password else []
    ways += ["recovery"] if asked.standing.has_second_factor and held.codes_left else []
    return ways


def _is_proven(request: HttpRequest, *, by_factor: bool) -> bool:
    shown = fresh_proof_by(request)
    return shown is not None and (not by_factor or shown in BY_FACTOR)


def _send_sms(request: HttpRequest, visitor: Visitor, asked: Asked) -> HttpResponse | None:
    if asked.hold:
        # The page says why, and offers the rest.
        return None
    return _send(request, visitor, asked, Channel.SMS)


def _send_email(request: HttpRequest, visitor: Visitor, asked: Asked) -> HttpResponse | None:
    return _send(request, visitor, asked, Channel.EMAIL)


def _send(request: HttpRequest, visitor: Visitor, asked: Asked, channel: Channel) -> HttpResponse | None:
    try:
        return own_codes.ask(request, visitor, asked.target, channel, asked.wanted)
    except CaptchaNeeded:
        return captcha.ask(request, back=CONFIRM, typed={"next": asked.wanted, "way": str(channel)})
    except TooMany as error:
        asked.problem = code_words.refused(error, number=channel is Channel.SMS)
        return codes.too_many(_page(request, asked), error)


def _password(request: HttpRequest, visitor: Visitor, asked: Asked) -> HttpResponse | None:
    form = asked.password_form = OwnPasswordForm(request.POST)
    if not form.is_valid():
        return None
    typed = form.cleaned_data["password"]
    try:
        passwords_check.check_old(
            account_id=visitor.account_id, typed=typed, origin=browser.origin_of(request), at=now()
        )
    except Busy:
        form.add_error("password", password_words.busy())
        return None
    except WrongPassword as error:
        form.add_error(
            "password",
            _("This is another password")
            if not error.closed
            else _("Too many wrong passwords: the password confirms nothing any more. Choose another way below"),
        )
        return None
    return _proven(request, asked, Proof.PASSWORD)


def _app(request: HttpRequest, visitor: Visitor, asked: Asked) -> HttpResponse | None:
    form = asked.app_form = AppCodeForm(request.POST)
    if not form.is_valid():
        return None
    mark = browser.origin_of(request).device
    try:
        factors.prove_totp(account_id=visitor.account_id, typed=form.cleaned_data["code"], mark=mark, at=now())
    except FactorError as error:
        form.add_error("code", words.of_code(error))
        asked.error = error
        return None
    return _proven(request, asked, Proof.FACTOR)


def _recovery(request: HttpRequest, visitor: Visitor, asked: Asked) -> HttpResponse | None:
    form = asked.recovery_form = RecoveryCodeForm(request.POST)
    if not form.is_valid():
        return None
    mark = browser.origin_of(request).device
    code = form.cleaned_data["recovery"]
    try:
        factors.prove_recovery_code(account_id=visitor.account_id, code=code, mark=mark, at=now())
    except FactorError as error:
        form.add_error("recovery", words.of_recovery_code(error))
        asked.error = error
        return None
    return _proven(request, asked, Proof.FACTOR)


def _passkey(request: HttpRequest, visitor: Visitor, asked: Asked) -> HttpResponse | None:
    try:
        passkeys.prove(
            answer=request.POST.get("passkey", ""),
            challenge=ceremony.challenge_for(request, ceremony.CONFIRM),
            site=ceremony.site_of(request),
            account_id=visitor.account_id,
            at=now(),
        )
    except FactorError as error:
        asked.problem = words.of_passkey(error)
        return None
    response = _proven(request, asked, Proof.PASSKEY)
    browser.drop_question(response, ceremony.CONFIRM)
    return response


def _proven(request: HttpRequest, asked: Asked, by: Proof) -> HttpResponse:
    prove_anew(request, by)
    return HttpResponseRedirect(asked.wanted)


TAKEN: dict[str, Callable[[HttpRequest, Visitor, Asked], HttpResponse | None]] = {
    "sms": _send_sms,
    "email": _send_email,
    "password": _password,
    "app": _app,
    "recovery": _recovery,
    "passkey": _passkey,
}


def _page(request: HttpRequest, asked: Asked) -> HttpResponse:
    ways = _ways(asked)
    usable = [way for way in ways if way != "sms" or not asked.hold]
    chosen = _chosen(request, usable)
    challenge = passkeys.new_challenge()
    context = {
        "next": asked.wanted,
        "by_factor": asked.by_factor,
        "way": chosen,
        "others": [way for way in usable if way != chosen],
        "number": asked.target.number,
        "email": asked.target.email,
        "held": words.held(asked.hold) if asked.hold and "sms" in ways else "",
        "form": {"recovery": asked.recovery_form, "password": asked.password_form}.get(chosen, asked.app_form),
        "question": ceremony.question(request, asked.standing.account_id, challenge) if chosen == "passkey" else "",
        "problem": asked.problem,
        "captcha": captcha.question(request, CONFIRM),
    }
    response = render(request, "portal/identity/factors/confirm.html", context)
    if isinstance(asked.error, FactorPaused):
        response.status_code = TOO_MANY
        response["Retry-After"] = str(max(1, round((asked.error.until - now()).total_seconds())))
    return ceremony.keep(response, ceremony.CONFIRM, challenge) if chosen == "passkey" else response


def _chosen(request: HttpRequest, usable: list[str]) -> str:
    """Return the way the page shows first: the one chosen, or an SMS, which everybody knows."""
    question = captcha.question(request, CONFIRM)
    wanted = request.POST.get("way") or request.GET.get("way") or (question.typed.get("way", "") if question else "")
    for way in (wanted, "sms", *usable):
        if way in usable:
            return way
    return ""


def _start_anew(request: HttpRequest, wanted: str) -> HttpResponse:
    request.session.flush()
    return HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': wanted})}")
