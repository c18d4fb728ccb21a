"""Codes to what is the person's own already: the number or the address of somebody signed in, for a fresh proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from abonent.domains.identity import actions as identity
from abonent.domains.identity import guards, queries
from abonent.domains.identity.queries import Waiting
from abonent.domains.identity.rules import Channel, NoSuchCode, Proof, Purpose
from abonent.domains.lines import actions, rules
from abonent.domains.lines import queries as lines
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.codes import Asked, Send, Steps
from abonent.entrypoints.portal.visitor import CONFIRM, HOME, Visitor, prove_anew
from abonent.foundation.clock import now

STEPS = Steps(Purpose.CONFIRM, CONFIRM, f"{CONFIRM}code/", f"{CONFIRM}code/again/")
BY_EMAIL = replace(STEPS, channels=(Channel.EMAIL,))


@dataclass(frozen=True, slots=True)
class Target:
    """The line that a code proves anew, and where codes for it go: a number (E.164), an address, each may be empty."""

    line_id: int
    number: str
    email: str


def target_of(visitor: Visitor) -> Target:
    """Return where codes go: to the line signed in with; without one, to the main mobile line, or to any."""
    own = [line for line in visitor.lines if line.id == visitor.proven_line_id]
    mobile = [line for line in visitor.lines if line.service == "mobile"]
    line = (own or mobile or visitor.lines)[0]
    contact = lines.contact_of(line.id)
    email = queries.standing(visitor.account_id).email or contact.email
    return Target(line.id, contact.number, email)


def hold_of(target: Target, at: datetime) -> rules.Hold | None:
    """Return why an SMS to the target's number proves nothing now."""
    return lines.hold_of_number(target.number, at) if target.number else None


def ask(request: HttpRequest, visitor: Visitor, target: Target, channel: Channel, wanted: str) -> HttpResponse:
    """Send a code that way and lead to where it is entered; raises as `codes.ask` does."""
    if channel is Channel.EMAIL:
        return codes.ask(request, BY_EMAIL, target.email, wanted, _to_email(request, visitor, target))
    return codes.ask(request, STEPS, target.number, wanted, _to_number(request, target))


def enter(request: HttpRequest, visitor: Visitor, *, proven: bool) -> HttpResponse:
    """Ask for the code; take note of the proof. With `proven` there is nothing to ask."""
    held = browser.held_by(request, Purpose.CONFIRM)
    if request.method != "POST" and proven:
        return HttpResponseRedirect(held.next if held else HOME)
    target, by_email = target_of(visitor), _by_email(held)
    if hold_of(target, now()) and not by_email:
        # The SIM or the forwarding changed after the code went out.
        return HttpResponseRedirect(CONFIRM)

    def use(held: Held, typed: str) -> HttpResponse:
        actions.confirm(challenge_id=held.challenge_id, line_id=target.line_id, typed=typed, at=now())
        prove_anew(request, Proof.EMAIL if by_email else Proof.SMS)
        return HttpResponseRedirect(held.next)

    return codes.enter(request, BY_EMAIL if by_email else STEPS, held, use)


def send_again(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send the code once more, the way it went or in a call."""
    target = target_of(visitor)
    held = browser.held_by(request, Purpose.CONFIRM)
    if _by_email(held):
        return codes.send_again(request, BY_EMAIL, lambda _: _to_email(request, visitor, target))
    if hold_of(target, now()):
        return HttpResponseRedirect(CONFIRM)

    def send_to(waiting: Waiting) -> Send:
        return _to_number(request, replace(target, number=waiting.number))

    return codes.send_again(request, STEPS, send_to)


def _by_email(held: Held | None) -> bool:
    """Return whether the browser's code goes by e-mail."""
    if held is None:
        return False
    try:
        return queries.waiting(held.challenge_id, Purpose.CONFIRM, now()).channel is Channel.EMAIL
    except NoSuchCode:
        return False


def _to_number(request: HttpRequest, target: Target) -> Send:
    def send(asked: Asked) -> UUID:
        return identity.send_code(
            purpose=Purpose.CONFIRM,
            number=target.number,
            subject=target.line_id,
            again=asked.again,
            origin=browser.origin_of(request),
            host=browser.host_of(request),
            language=codes.language(),
            at=now(),
            channel=asked.channel,
            withheld=asked.channel is Channel.VOICE and lines.is_forwarded(target.line_id),
            solved=asked.solved,
        )

    return send


def _to_email(request: HttpRequest, visitor: Visitor, target: Target) -> Send:
    def send(asked: Asked) -> UUID:
        limited = lines.main_number_of(visitor.account_id) or target.number
        refused = guards.refusal(limited, now()) if limited else None
        if refused:
            # To a stranger this would tell too much; to the owner it says when the code comes.
            raise refused
        return identity.send_code(
            purpose=Purpose.CONFIRM,
            number=target.email,
            address=target.email,
            hidden=limited,
            subject=target.line_id,
            again=asked.again,
            origin=browser.origin_of(request),
            host=browser.host_of(request),
            language=codes.language(),
            at=now(),
            channel=Channel.EMAIL,
            solved=asked.solved,
        )

    return send
