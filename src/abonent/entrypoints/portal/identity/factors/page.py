"""The cabinet's page of second factors, and what is added to and taken from it."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode

import segno
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import passkeys, pins
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors.queries import factors_of
from abonent.domains.identity.factors.rules import FactorError, WrongFactor
from abonent.domains.identity.rules import Proof
from abonent.entrypoints.portal.admission import IN_APP, go_on
from abonent.entrypoints.portal.identity import browser
from abonent.entrypoints.portal.identity.factors import ceremony, paper, words
from abonent.entrypoints.portal.identity.factors.forms import AppCodeForm, NameForm
from abonent.entrypoints.portal.visitor import (
    Visitor,
    factor_proof,
    fresh_proof,
    prove_anew,
    safe_address,
)
from abonent.foundation.clock import now

FACTORS = "/security/factors/"
AUTHENTICATOR = f"{FACTORS}app/"
CODES = f"{FACTORS}codes/"
ISSUER = "otpauth://totp/"

page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@fresh_proof
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what the person can prove themselves with besides a code or password, and whether it is asked for."""
    held = factors_of(visitor.account_id)
    has_pin = pins.has_key(account_id=visitor.account_id, device_key_id=browser.device_key_of(request))
    context = {
        "visitor": visitor,
        "held": held,
        "codes_left": words.codes_left(held.codes_left),
        "in_app": bool(request.session.get(IN_APP)),
        "has_pin": has_pin,
    }
    return render(request, "portal/identity/factors/overview.html", context)


@page
@sensitive_post_parameters()
@factor_proof
def authenticator(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the secret of a new authenticator app, as a picture and as text; take its first code."""
    if "start" in request.POST:
        factors.start_totp(account_id=visitor.account_id, at=now())
        return HttpResponseRedirect(AUTHENTICATOR)
    secret = factors.totp_begun(visitor.account_id)
    if secret is None:
        return HttpResponseRedirect(FACTORS)
    form = AppCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.confirm_totp(account_id=visitor.account_id, typed=form.cleaned_data["code"], at=now())
        except WrongFactor as error:
            form.add_error("code", words.of_code(error))
        else:
            # It was shown right now: nobody has to wait for its next code to go on.
            prove_anew(request, Proof.FACTOR)
            return _with_codes(request, visitor)
    # In groups of four it is typed without losing the place.
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"visitor": visitor, "form": form, "secret": spaced, "link": _link(visitor, secret, request)}
    return render(request, "portal/identity/factors/authenticator.html", context)


@require_safe
@factor_proof
def picture(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Answer the secret of a new authenticator app as a picture that its camera reads."""
    secret = factors.totp_begun(visitor.account_id)
    if secret is None:
        raise Http404
    drawn = segno.make(_link(visitor, secret, request), error="m", micro=False)
    svg = BytesIO()
    drawn.save(svg, kind="svg", scale=5, border=4, light="#fff", svgclass=None, lineclass=None)
    return HttpResponse(svg.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@page
@factor_proof
def change(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take the authenticator app away, or ask for a second factor at each sign-in, or for none any more."""
    acts = {
        "remove-app": factors.remove_totp,
        "ask": factors.ask_for_second,
        "stop": factors.stop_asking,
    }
    act = acts.get(request.POST.get("act", ""))
    if act is not None:
        act(account_id=visitor.account_id, at=now())
    if request.POST.get("act") == "ask":
        return _with_codes(request, visitor)
    return HttpResponseRedirect(FACTORS)


@page
@factor_proof
def new_codes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Make new recovery codes in place of the earlier ones, for who is asked for a second factor."""
    if request.method != "POST" or not factors_of(visitor.account_id).asked:
        return HttpResponseRedirect(FACTORS)
    paper.make(request, visitor)
    return HttpResponseRedirect(CODES)


@page
@factor_proof
def add_passkey(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Make a passkey and keep it under a name."""
    return _make_passkey(request, visitor, FACTORS)


@page
@factor_proof
def offered_passkey(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Make a passkey in place of the password that is offered after the first entry."""
    return _make_passkey(request, visitor, "/login/offer/passkey/")


@page
@factor_proof
def one_passkey(request: HttpRequest, visitor: Visitor, passkey_id: int) -> HttpResponse:
    """Rename a passkey, or remove it."""
    kept = next((one for one in factors_of(visitor.account_id).passkeys if one.id == passkey_id), None)
    if kept is None:
        raise Http404
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": kept.name})
    try:
        if request.POST.get("act") == "remove":
            passkeys.remove(account_id=visitor.account_id, passkey_id=passkey_id, at=now())
            return HttpResponseRedirect(FACTORS)
        if request.method == "POST" and form.is_valid():
            passkeys.rename(account_id=visitor.account_id, passkey_id=passkey_id, name=form.cleaned_data["name"])
            return HttpResponseRedirect(FACTORS)
    except LookupError:
        raise Http404 from None
    context = {"visitor": visitor, "form": form, "kept": kept}
    return render(request, "portal/identity/factors/one_passkey.html", context)


def _make_passkey(request: HttpRequest, visitor: Visitor, here: str) -> HttpResponse:
    offered = here != FACTORS
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    suggested = words.device_named(browser.agent_of(request))
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": suggested})
    problem, site = "", ceremony.site_of(request)
    if request.method == "POST" and form.is_valid():
        try:
            passkeys.add(
                account_id=visitor.account_id,
                answer=request.POST.get("passkey", ""),
                challenge=ceremony.challenge_for(request, ceremony.ADD),
                site=site,
                name=form.cleaned_data["name"],
                at=now(),
            )
        except FactorError as error:
            problem = words.of_passkey(error)
        else:
            prove_anew(request, Proof.PASSKEY)
            response = go_on(request, wanted) if offered else HttpResponseRedirect(FACTORS)
            browser.drop_question(response, ceremony.ADD)
            return response
    challenge = passkeys.new_challenge()
    question = passkeys.making(
        account_id=visitor.account_id, site=site, person=ceremony.name_for(visitor.lines), challenge=challenge
    )
    context = {"visitor": visitor, "form": form, "question": question, "problem": problem, "next": wanted}
    name = "offered_passkey" if offered else "add_passkey"
    response = render(request, f"portal/identity/factors/{name}.html", context)
    return ceremony.keep(response, ceremony.ADD, challenge)


def _with_codes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Lead to the recovery codes, made now if there are none: whoever needs a factor may lose it."""
    held = factors_of(visitor.account_id)
    if held.asked and not held.codes_left:
        paper.make(request, visitor)
        return HttpResponseRedirect(CODES)
    return HttpResponseRedirect(FACTORS)


def _link(visitor: Visitor, secret: str, request: HttpRequest) -> str:
    """Return the address that an authenticator app understands."""
    issuer = ceremony.site_of(request).name
    label = f"{issuer}:{ceremony.name_for(visitor.lines)}"
    quoted = urlencode({"": label}).removeprefix("=").replace("+", "%20")
    return f"{ISSUER}{quoted}?{urlencode({'secret': secret, 'issuer': issuer}).replace('+', '%20')}"
