"""The installed app: opening it, its PIN, and the way out of it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import passkeys, pins, queries
from abonent.domains.identity.factors.rules import ChallengeGone, FactorError, PinForgotten, WrongFactor
from abonent.domains.identity.rules import Proof
from abonent.entrypoints.portal.admission import IN_APP, NEW_PIN, go_on, open_app
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.factors import ceremony, words
from abonent.entrypoints.portal.visitor import (
    BARRIER,
    CONFIRM,
    LOCKED,
    LOGIN,
    PIN,
    Visitor,
    has_fresh_proof,
    is_locked,
    prove_anew,
    safe_address,
    signed_in,
    visitor_of,
)
from abonent.foundation.clock import now

APP = "/app/"

page = require_http_methods(["GET", "HEAD", "POST"])


@require_http_methods(["GET", "HEAD"])
@never_cache
def app(request: HttpRequest) -> HttpResponse:
    """Open the installed app: its PIN first, whatever was open before."""
    wanted = safe_address(request.GET.get("next", ""))
    visitor = visitor_of(request)
    if visitor is None:
        response: HttpResponse = _to(LOGIN, wanted)
    elif not request.session.get(IN_APP) and not has_fresh_proof(request):
        # An app's session lives for a month: a browser's becomes one by a fresh proof.
        response = _to(CONFIRM, f"{APP}?{urlencode({'next': wanted})}")
    else:
        response = open_app(request, wanted)
    browser.become_app(response)
    return response


@page
@never_cache
@signed_in
def pin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for the PIN: the device answers with the key that it opens."""
    wanted = _wanted(request)
    if not is_locked(request):
        return HttpResponseRedirect(wanted)
    device_key_id = browser.device_key_of(request)
    try:
        problem = _answered(request, visitor) if request.method == "POST" else ""
        if problem is None:
            return _unlocked(request, wanted)
        challenge = pins.ask(account_id=visitor.account_id, device_key_id=device_key_id)
    except PinForgotten:
        return _sign_in_anew(request, wanted)
    passkey = passkeys.new_challenge()
    context = {
        "visitor": visitor,
        "challenge": challenge,
        "problem": problem,
        "next": wanted,
        # A fingerprint or a face, checked by the device, says more than four digits.
        "question": ceremony.question(request, visitor.account_id, passkey)
        if queries.standing(visitor.account_id).has_passkey
        else "",
    }
    response = render(request, "portal/identity/factors/pin.html", context)
    return ceremony.keep(response, ceremony.UNLOCK, passkey)


def _unlocked(request: HttpRequest, wanted: str) -> HttpResponse:
    if "passkey" in request.POST:
        prove_anew(request, Proof.PASSKEY)
    else:
        request.session.cycle_key()
    request.session[LOCKED] = False
    return go_on(request, wanted)


def _answered(request: HttpRequest, visitor: Visitor) -> str | None:
    """Take the device's answer: return None when it was right, else what to say."""
    device_key_id = browser.device_key_of(request)
    try:
        if "passkey" in request.POST:
            passkeys.prove(
                answer=request.POST["passkey"],
                challenge=ceremony.challenge_for(request, ceremony.UNLOCK),
                site=ceremony.site_of(request),
                account_id=visitor.account_id,
                at=now(),
            )
            return None
        pins.prove(
            account_id=visitor.account_id,
            device_key_id=device_key_id,
            challenge=request.POST.get("challenge", ""),
            answer=request.POST.get("answer", ""),
            at=now(),
        )
    except ChallengeGone:
        return words.pin_asked_again()
    except WrongFactor as error:
        if "passkey" in request.POST:
            return words.of_passkey(error)
        return words.pin_tries_left(pins.tries_left(device_key_id))
    return None


@page
@never_cache
@signed_in
def forgotten(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001 - `signed_in` gives it
    """Forget the PIN: who proved right now to be the owner sets another one, anybody else signs in anew first."""
    wanted = _wanted(request)
    if request.method != "POST":
        return _to(PIN, wanted)
    if not has_fresh_proof(request):
        return _sign_in_anew(request, wanted)
    pins.forget_key(device_key_id=browser.device_key_of(request))
    request.session[LOCKED] = False
    response = go_on(request, wanted)
    browser.hold_device_key(response, None)
    return response


@page
@never_cache
@signed_in
def new_pin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take the key that a new PIN opens; the PIN itself stays on the device."""
    wanted = _wanted(request)
    if not request.session.get(IN_APP):
        return HttpResponseRedirect(wanted)
    if request.session.get(BARRIER) != NEW_PIN and not has_fresh_proof(request):
        # A change: whoever holds an open phone is not its owner yet.
        return _to(CONFIRM, NEW_PIN)
    problem = ""
    if request.method == "POST":
        try:
            device_key_id = pins.keep_key(
                account_id=visitor.account_id,
                key=request.POST.get("key", ""),
                instead_of=browser.device_key_of(request),
                at=now(),
            )
        except FactorError:
            problem = words.pin_not_made()
        else:
            request.session.cycle_key()
            response = go_on(request, wanted, pin_set=True)
            browser.hold_device_key(response, device_key_id)
            return response
    context = {"visitor": visitor, "problem": problem, "next": wanted}
    return render(request, "portal/identity/factors/new_pin.html", context)


@page
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Use the site in the browser from now on: nobody is signed in, the device has no key."""
    if request.method != "POST":
        return HttpResponseRedirect(APP)
    pins.forget_key(device_key_id=browser.device_key_of(request))
    request.session.flush()
    response = HttpResponseRedirect(LOGIN)
    browser.hold_device_key(response, None)
    browser.become_app(response, app=False)
    return response


def _sign_in_anew(request: HttpRequest, wanted: str) -> HttpResponse:
    """End the session and forget the device's key."""
    pins.forget_key(device_key_id=browser.device_key_of(request))
    request.session.flush()
    response = _to(LOGIN, wanted)
    browser.hold_device_key(response, None)
    return response


def _wanted(request: HttpRequest) -> str:
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    return wanted if not wanted.startswith(APP) else safe_address("")


def _to(address: str, wanted: str) -> HttpResponse:
    return HttpResponseRedirect(f"{address}?{urlencode({'next': wanted})}")
