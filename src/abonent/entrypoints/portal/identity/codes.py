"""Codes on pages, whatever they are for: asked for, entered, sent again, said in a call.

A room with a code of its own names its `Steps`, says how a code is sent (`Send`) and what a right one opens, and has:

    def ask(request):                       # the form that asks for a number or an address
        try:
            return codes.ask(request, STEPS, key, wanted, send)
        except CaptchaNeeded:
            return captcha.ask(request, back=STEPS.start, typed={"number": …})
        except TooMany as error:            # form.add_error(…, words.refused(error))
            return codes.too_many(page, error)

    def code(request):                      # STEPS.code
        return codes.enter(request, STEPS, browser.held_by(request, STEPS.purpose), use)

    def again(request):                     # STEPS.again
        return codes.send_again(request, STEPS, lambda key: send)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from abonent.domains.identity import queries as identity
from abonent.domains.identity.queries import Waiting
from abonent.domains.identity.rules import (
    CaptchaNeeded,
    Channel,
    CodeError,
    CodeUsed,
    NoSuchCode,
    Purpose,
    Refusal,
    TooMany,
    request_number,
)
from abonent.domains.lines import actions as lines
from abonent.domains.messaging import queries as messaging
from abonent.entrypoints.portal.identity import browser, delivered, words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.forms import CodeForm
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn


@dataclass(frozen=True, slots=True)
class Steps:
    """One use of codes: its purpose, where it starts, where its code is entered, how it may reach the person."""

    purpose: Purpose
    start: str
    code: str
    again: str
    channels: tuple[Channel, ...] = (Channel.SMS, Channel.VOICE)
    # Of a code that confirms one thing only: its digest, and in words what it is and what the button does.
    bound: str = ""
    about: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One sending: the code to repeat, how it goes out, and whether a captcha was solved for it."""

    again: UUID | None
    channel: Channel
    solved: bool


Send = Callable[[Asked], UUID]
Use = Callable[[Held, str], HttpResponse]


def to_number(request: HttpRequest, purpose: Purpose, number: str) -> Send:
    """Return what sends a code to a number (E.164), or says it in a call."""

    def send(asked: Asked) -> UUID:
        return lines.request_code(
            number=Msisdn(number),
            purpose=purpose,
            again=asked.again,
            origin=browser.origin_of(request),
            host=browser.host_of(request),
            language=language(),
            at=now(),
            channel=asked.channel,
            solved=asked.solved,
        )

    return send


def ask(request: HttpRequest, steps: Steps, key: str, wanted: str, send: Send) -> HttpResponse:
    """Send the first code and lead to the page where it is entered.

    `key` is the number or address whose limits count, as the domain knows it. Raises `TooMany` when no code is sent
    and none that lives is in this browser.
    """
    held = browser.held_by(request, steps.purpose)
    again = held.challenge_id if held else None
    try:
        challenge_id = send(Asked(again, steps.channels[0], captcha.solved(request)))
    except TooMany:
        # The same form once more, or the way back and here again: the code that came is still the one to enter.
        living = identity.living(
            purpose=steps.purpose, number=key, challenge_id=again, device=browser.origin_of(request).device, now=now(),
            bound=steps.bound,
        )  # fmt: skip
        if living is None:
            raise
        challenge_id = living
    response = HttpResponseRedirect(steps.code)
    browser.hold(response, steps.purpose, Held(challenge_id, wanted))
    captcha.settle(request, response)
    return response


def enter(request: HttpRequest, steps: Steps, held: Held | None, use: Use) -> HttpResponse:
    """Show the page of the code, or `use` what was typed."""
    if held is None:
        return HttpResponseRedirect(steps.start)
    if request.method != "POST":
        return _page(request, steps, held, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, steps, held, form)
    if request.POST.get("request", "") not in ("", request_number(held.challenge_id)):
        # Another tab asked for another code since: this one would only use up a try of it.
        form.add_error("code", words.asked_since())
        return _page(request, steps, held, form)
    try:
        response = use(held, form.cleaned_data["code"])
    except CodeUsed:
        # The form went out twice: by now the first may have opened the session, which the page finds out.
        return HttpResponseRedirect(steps.code)
    except NoSuchCode:
        return _forgotten(steps)
    except CodeError as error:
        form.add_error("code", words.problem(error, number=steps.channels[0] is not Channel.EMAIL))
        return too_many(_page(request, steps, held, form), error)
    browser.let_go(response, steps.purpose)
    return response


def send_again(request: HttpRequest, steps: Steps, send_to: Callable[[Waiting], Send]) -> HttpResponse:
    """Send the code once more, or a new one when the old is no good any more; by another channel if that is asked."""
    held = browser.held_by(request, steps.purpose)
    if held is None or request.method != "POST":
        return HttpResponseRedirect(steps.code if held else steps.start)
    try:
        waiting = identity.waiting(held.challenge_id, steps.purpose, now())
        channel = _channel(request, steps, waiting)
        challenge_id = send_to(waiting)(Asked(held.challenge_id, channel, captcha.solved(request)))
    except NoSuchCode:
        return _forgotten(steps)
    except CaptchaNeeded:
        return captcha.ask(request, back=steps.code, typed={})
    except TooMany as error:
        return too_many(_page(request, steps, held, CodeForm(), refused=error), error)
    response = HttpResponseRedirect(f"{steps.code}?{'called' if channel is Channel.VOICE else 'sent'}")
    browser.hold(response, steps.purpose, Held(challenge_id, held.next))
    captcha.settle(request, response)
    return response


def by_email() -> bool:
    """Return whether e-mail is sent at all: without it no page offers it."""
    return Channel.EMAIL in messaging.open_channels()


def too_many(response: HttpResponse, error: CodeError) -> HttpResponse:
    """Say by the status, too, that it is too often, and when it will not be."""
    if isinstance(error, TooMany) and response.status_code == 200:
        response.status_code = 429
        if error.until is not None:
            response["Retry-After"] = str(max(1, round((error.until - now()).total_seconds())))
    return response


def language() -> str:
    """Return the language the page is read in."""
    return translation.get_language() or "ru"


def _channel(request: HttpRequest, steps: Steps, waiting: Waiting) -> Channel:
    """Return the channel asked for, if this code may go that way; else the one it came by."""
    wanted = request.POST.get("channel", "")
    for channel in steps.channels:
        if wanted == channel:
            return channel
    return waiting.channel if waiting.channel is not Channel.VOICE else steps.channels[0]


def _page(
    request: HttpRequest, steps: Steps, held: Held, form: CodeForm, refused: TooMany | None = None
) -> HttpResponse:
    at = now()
    try:
        waiting = identity.waiting(held.challenge_id, steps.purpose, at)
    except NoSuchCode:
        return _forgotten(steps)
    refused = refused or waiting.refusal
    is_number, is_address = waiting.number.startswith("+"), "@" in waiting.number
    wait_s = words.seconds_left(refused, at)
    blocked = refused is not None and refused.refusal in (Refusal.FAILURES, Refusal.STOPPED)
    dead = refused if blocked else waiting.dead
    form["code"].help_text = words.life(waiting.expires_at)
    context: dict[str, Any] = {
        "form": form,
        "way": steps,
        "number": waiting.number,
        "is_number": is_number,
        "channel": str(waiting.channel),
        "request_number": waiting.request,
        # A code that is no good any more leaves nothing to type: why stands in place of the field.
        "enterable": dead is None,
        "title": words.title(blocked=blocked, dead=dead is not None, channel=waiting.channel),
        "problem": words.problem(dead, number=not is_address) if dead else "",
        "alive": waiting.dead is None,
        "may_ask": refused is None or wait_s > 0,
        "by_email": by_email(),
        "may_call": Channel.VOICE in steps.channels and Channel.VOICE in messaging.open_channels(),
        "wait_s": wait_s,
        "wait": words.countdown(wait_s),
        "refused": words.refused(refused, number=not is_address) if refused and not wait_s and not blocked else "",
        "sent": "sent" in request.GET and not form.errors,
        "called": "called" in request.GET and not form.errors,
        "delivery": delivered.words_for(request, steps.purpose, held.challenge_id, waiting),
        "captcha": captcha.question(request, steps.code),
        "sms": {
            "keyword": settings.SMS_SENDER,
            "own_password": settings.SMS_SERVICE if settings.POLICY.password_by_sms else "",
        },
    }
    return render(request, "portal/identity/code.html", context)


def _forgotten(steps: Steps) -> HttpResponse:
    response = HttpResponseRedirect(steps.start)
    browser.let_go(response, steps.purpose)
    return response
