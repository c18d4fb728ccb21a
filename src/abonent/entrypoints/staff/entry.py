"""How staff get in: password, second proof; a first password and a missing second proof are dealt with on the way."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from markupsafe import Markup

from abonent.domains.identity import hashing
from abonent.domains.identity import queries as accounts
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.rules import FactorPaused, WrongFactor
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.support import staff
from abonent.domains.support.queries import Agent
from abonent.entrypoints.staff import words
from abonent.entrypoints.staff.admission import (
    DESK,
    LOGIN,
    agent_of,
    kept_nowhere,
    let_in,
    pending,
    refuse_subscribers,
    wait,
)
from abonent.entrypoints.staff.forms import CodeForm, LoginForm, PasswordForm, given
from abonent.foundation.clock import now

SECOND = "/staff/login/second/"
NEW_FACTOR = "/staff/login/factor/"
NEW_PASSWORD = "/staff/login/password/"  # noqa: S105 - an address

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def login(request: HttpRequest) -> HttpResponseBase:
    """Ask for login and password."""
    refuse_subscribers(request)
    if request.method != "POST" and agent_of(request):
        return HttpResponseRedirect(DESK)
    form = LoginForm(given(request))
    status = 200
    if form.is_bound and form.is_valid():
        try:
            agent = staff.enter(login=form.cleaned_data["login"], password=form.cleaned_data["password"], at=now())
        except staff.WrongEntry:
            form.add_error(None, _("The login or the password is not right. Check both; after five mistakes you wait"))
        except staff.Paused as paused:
            form.add_error(None, words.paused(paused.until))
            status = 429
        except hashing.Busy:
            form.add_error(None, _("Too many people sign in right now. Try again in a few seconds"))
            status = 503
        else:
            wait(request, agent)
            return kept_nowhere(HttpResponseRedirect(_next_step(agent)))
    return render(request, "staff/login.html", {"form": form}, status=status)


@page
@never_cache
def second(request: HttpRequest) -> HttpResponseBase:
    """Ask for the code of the authenticator app."""
    refuse_subscribers(request)
    agent = pending(request)
    if agent is None or not _has_factor(agent):
        return HttpResponseRedirect(_next_step(agent) if agent else LOGIN)
    form = CodeForm(given(request))
    if form.is_bound and form.is_valid():
        try:
            factors.prove_totp(account_id=agent.account_id, typed=form.cleaned_data["code"], mark="", at=now())
        except WrongFactor:
            form.add_error("code", _("This is another code. Wait for the next one and type it"))
        except FactorPaused as paused:
            form.add_error("code", words.paused(paused.until))
        else:
            return _go_on(request, agent)
    return render(request, "staff/second.html", {"form": form, "agent_name": agent.name})


@page
@never_cache
def new_factor(request: HttpRequest) -> HttpResponseBase:
    """Set the authenticator app up: nobody of staff gets in without one."""
    refuse_subscribers(request)
    agent = pending(request)
    if agent is None or _has_factor(agent):
        return HttpResponseRedirect(_next_step(agent) if agent else LOGIN)
    form = CodeForm(given(request))
    if form.is_bound and form.is_valid():
        try:
            factors.confirm_totp(account_id=agent.account_id, typed=form.cleaned_data["code"], at=now())
        except WrongFactor:
            form.add_error("code", _("This is another code. Check the time on the phone and type the next one"))
        else:
            return _go_on(request, agent)
    if factors.totp_begun(agent.account_id) is None:
        factors.start_totp(account_id=agent.account_id, at=now())
    secret = factors.totp_begun(agent.account_id) or ""
    context = {"form": form, "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}
    return render(request, "staff/new_factor.html", context | {"drawing": _drawing(agent, secret)})


@page
@never_cache
def new_password(request: HttpRequest) -> HttpResponseBase:
    """Ask for a password of one's own in place of the first one."""
    refuse_subscribers(request)
    agent = pending(request)
    if agent is None or agent.first_password_until is None or not request.session.get("staff_second"):
        return HttpResponseRedirect(_next_step(agent) if agent else LOGIN)
    form = PasswordForm(given(request))
    if form.is_bound and form.is_valid():
        try:
            staff.set_password(agent=agent, password=form.cleaned_data["password"], at=now())
        except passwords.NotGood as found:
            for problem in found.problems:
                form.add_error("password", words.password_problem(problem))
        except hashing.Busy:
            form.add_error(None, _("Too many people sign in right now. Try again in a few seconds"))
        else:
            return let_in(request, agent)
    return render(request, "staff/new_password.html", {"form": form})


@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    refuse_subscribers(request)
    request.session.flush()
    return kept_nowhere(HttpResponseRedirect(LOGIN))


def _next_step(agent: Agent) -> str:
    return SECOND if _has_factor(agent) else NEW_FACTOR


def _go_on(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Let in who showed both proofs; whose password is the first one changes it before."""
    if agent.first_password_until is None:
        return let_in(request, agent)
    request.session.cycle_key()
    request.session["staff_second"] = True
    return kept_nowhere(HttpResponseRedirect(NEW_PASSWORD))


def _has_factor(agent: Agent) -> bool:
    return accounts.standing(agent.account_id).has_second_factor


def _drawing(agent: Agent, secret: str) -> Markup:
    """Return the picture for the app's camera, drawn into the page."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    operator = settings.OPERATOR_NAME.get(language, settings.OPERATOR_NAME[settings.LANGUAGE_CODE])
    label = quote(f"{operator}:{agent.login}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': operator})}"
    drawn = segno.make(address, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return Markup(drawn)  # noqa: S704 - drawn by us from letters and digits
