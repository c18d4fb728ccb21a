"""Pages of getting in by phone. They work without scripts; forms answer with a redirect or with the form again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.domains.identity import queries as identity
from abonent.domains.identity.rules import (
    CodeError,
    CodeUsed,
    NoSuchCode,
    Purpose,
    Refusal,
    TooMany,
    Way,
    request_number,
)
from abonent.domains.lines import actions as lines
from abonent.domains.lines.access import NoSuchLine
from abonent.entrypoints.portal.admission import Proven, admit
from abonent.entrypoints.portal.identity import browser, words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.forms import CodeForm, NumberForm
from abonent.entrypoints.portal.visitor import (
    CONFIRM,
    HOME,
    LOGIN,
    Visitor,
    has_fresh_proof,
    prove_anew,
    safe_address,
    select_line,
    signed_in,
    visitor_of,
)
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn


@dataclass(frozen=True, slots=True)
class Steps:
    """One use of codes: its purpose, where it starts, where its code is entered."""

    purpose: Purpose
    start: str
    code: str
    again: str


ENTRY = Steps(Purpose.ENTRY, LOGIN, f"{LOGIN}code/", f"{LOGIN}code/again/")
CONFIRMING = Steps(Purpose.CONFIRM, CONFIRM, f"{CONFIRM}code/", f"{CONFIRM}code/again/")

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the number; send a code to it. The answer is the same whether anybody uses the number or not."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        if visitor_of(request):
            return HttpResponseRedirect(wanted)
        remembered = browser.remembered_number(request)
        response = _login_page(
            request, NumberForm(initial={"number": remembered, "remember": bool(remembered)}), wanted
        )
        browser.mark(request, response)
        return response
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _login_page(request, form, wanted)
    number: Msisdn = form.cleaned_data["number"]
    held = browser.held_by(request, Purpose.ENTRY)
    try:
        challenge_id = _send(request, ENTRY, number, held)
    except TooMany as error:
        # The same form once more, or the way back and here again: the code that came is still the one to enter.
        living = _living(request, ENTRY, number, held)
        if living is None:
            form.add_error("number", words.refused(error))
            return _too_many(_login_page(request, form, wanted), error)
        challenge_id = living
    response = HttpResponseRedirect(ENTRY.code)
    browser.hold(response, Purpose.ENTRY, Held(challenge_id, wanted))
    browser.remember_number(response, number.e164 if form.cleaned_data["remember"] else None)
    return response


@page
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; open a session with it."""
    held = browser.held_by(request, Purpose.ENTRY)
    if request.method != "POST" and visitor_of(request):
        return HttpResponseRedirect(held.next if held else HOME)

    def use(held: Held, typed: str) -> HttpResponse:
        entered = lines.enter(challenge_id=held.challenge_id, typed=typed, language=_language(), at=now())
        return admit(request, Proven(entered.account_id, entered.line_id, Way.CODE, held.next))

    return _code(request, ENTRY, held, use)


@page
@never_cache
def code_again(request: HttpRequest) -> HttpResponse:
    """Send the code once more, or a new one when the old is no good any more."""
    return _again(request, ENTRY)


@page
@signed_in
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say why a fresh proof is needed; send a code to the number signed in with."""
    wanted = safe_address(request.POST.get("next") or request.GET.get("next", ""))
    if has_fresh_proof(request):
        return HttpResponseRedirect(wanted)
    number = _proven_number(visitor)
    if number is None:
        return _start_anew(request, wanted)
    if request.method != "POST":
        return render(request, "portal/identity/confirm.html", {"number": number.e164, "next": wanted, "problem": ""})
    held = browser.held_by(request, Purpose.CONFIRM)
    try:
        challenge_id = _send(request, CONFIRMING, number, held)
    except TooMany as error:
        living = _living(request, CONFIRMING, number, held)
        if living is None:
            context = {"number": number.e164, "next": wanted, "problem": words.refused(error)}
            return _too_many(render(request, "portal/identity/confirm.html", context), error)
        challenge_id = living
    response = HttpResponseRedirect(CONFIRMING.code)
    browser.hold(response, Purpose.CONFIRM, Held(challenge_id, wanted))
    return response


@page
@signed_in
def confirm_code(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for the code of the fresh proof; take note of the proof."""
    held = browser.held_by(request, Purpose.CONFIRM)
    if request.method != "POST" and has_fresh_proof(request):
        return HttpResponseRedirect(held.next if held else HOME)

    def use(held: Held, typed: str) -> HttpResponse:
        lines.confirm(challenge_id=held.challenge_id, line_id=visitor.proven_line_id, typed=typed, at=now())
        prove_anew(request)
        return HttpResponseRedirect(held.next)

    return _code(request, CONFIRMING, held, use)


@page
@signed_in
def confirm_code_again(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001 - `signed_in` gives it
    """Send the code of the fresh proof once more."""
    return _again(request, CONFIRMING)


@page
def logout(request: HttpRequest) -> HttpResponse:
    """End the session, and ask the browser to forget what it kept of it."""
    response = HttpResponseRedirect("/")
    if request.method == "POST":
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


def _code(
    request: HttpRequest, way: Steps, held: Held | None, use: Callable[[Held, str], HttpResponse]
) -> HttpResponse:
    """Show the page of the code, or `use` what was typed."""
    if held is None:
        return HttpResponseRedirect(way.start)
    if request.method != "POST":
        return _code_page(request, way, held, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, way, held, form)
    if request.POST.get("request", "") not in ("", request_number(held.challenge_id)):
        # Another tab asked for another code since: this one would only use up a try of it.
        form.add_error("code", words.asked_since())
        return _code_page(request, way, held, form)
    try:
        response = use(held, form.cleaned_data["code"])
    except CodeUsed:
        # The form went out twice: by now the first may have opened the session, which the page finds out.
        return HttpResponseRedirect(way.code)
    except NoSuchCode:
        return _forgotten(way)
    except CodeError as error:
        form.add_error("code", words.problem(error))
        return _too_many(_code_page(request, way, held, form), error)
    browser.let_go(response, way.purpose)
    return response


def _again(request: HttpRequest, way: Steps) -> HttpResponse:
    held = browser.held_by(request, way.purpose)
    if held is None or request.method != "POST":
        return HttpResponseRedirect(way.code if held else way.start)
    try:
        waiting = identity.waiting(held.challenge_id, way.purpose, now())
        challenge_id = _send(request, way, Msisdn(waiting.number), held)
    except NoSuchCode:
        return _forgotten(way)
    except TooMany as error:
        return _too_many(_code_page(request, way, held, CodeForm(), refused=error), error)
    response = HttpResponseRedirect(f"{way.code}?sent")
    browser.hold(response, way.purpose, Held(challenge_id, held.next))
    return response


def _send(request: HttpRequest, way: Steps, number: Msisdn, held: Held | None) -> UUID:
    return lines.request_code(
        number=number,
        purpose=way.purpose,
        again=held.challenge_id if held else None,
        origin=browser.origin_of(request),
        host=browser.host_of(request),
        language=_language(),
        at=now(),
    )


def _login_page(request: HttpRequest, form: NumberForm, wanted: str) -> HttpResponse:
    return render(request, "portal/identity/login.html", {"form": form, "next": wanted})


def _code_page(
    request: HttpRequest, way: Steps, held: Held, form: CodeForm, refused: TooMany | None = None
) -> HttpResponse:
    at = now()
    try:
        waiting = identity.waiting(held.challenge_id, way.purpose, at)
    except NoSuchCode:
        return _forgotten(way)
    refused = refused or waiting.refusal
    wait_s = words.seconds_left(refused, at)
    blocked = refused is not None and refused.refusal in (Refusal.FAILURES, Refusal.STOPPED)
    dead = refused if blocked else waiting.dead
    form["code"].help_text = words.life(waiting.expires_at)
    context = {
        "form": form,
        "way": way,
        "number": waiting.number,
        "request_number": waiting.request,
        # A code that is no good any more leaves nothing to type: why stands in place of the field.
        "enterable": dead is None,
        "title": words.title(blocked=blocked, dead=dead is not None),
        "problem": words.problem(dead) if dead else "",
        "alive": waiting.dead is None,
        "may_ask": refused is None or wait_s > 0,
        "wait_s": wait_s,
        "wait": words.countdown(wait_s),
        "refused": words.refused(refused) if refused and not wait_s and not blocked else "",
        "sent": "sent" in request.GET and not form.errors,
    }
    return render(request, "portal/identity/code.html", context)


def _forgotten(way: Steps) -> HttpResponse:
    response = HttpResponseRedirect(way.start)
    browser.let_go(response, way.purpose)
    return response


def _too_many(response: HttpResponse, error: CodeError) -> HttpResponse:
    """Say by the status, too, that it is too often, and when it will not be."""
    if isinstance(error, TooMany) and response.status_code == 200:
        response.status_code = 429
        if error.until is not None:
            response["Retry-After"] = str(max(1, round((error.until - now()).total_seconds())))
    return response


def _living(request: HttpRequest, way: Steps, number: Msisdn, held: Held | None) -> UUID | None:
    """Return the browser's own challenge for the same number whose code can still be entered."""
    return identity.living(
        purpose=way.purpose,
        number=number.e164,
        challenge_id=held.challenge_id if held else None,
        device=browser.origin_of(request).device,
        now=now(),
    )


def _proven_number(visitor: Visitor) -> Msisdn | None:
    """Return the number signed in with, if it still is the visitor's."""
    return next((Msisdn(line.number) for line in visitor.lines if line.id == visitor.proven_line_id), None)


def _start_anew(request: HttpRequest, wanted: str) -> HttpResponse:
    request.session.flush()
    return HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': wanted})}")


def _language() -> str:
    return translation.get_language() or "ru"
