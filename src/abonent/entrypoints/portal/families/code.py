"""An invitation that is agreed to by a code: sent to the number, told to the owner of the family, entered here."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from abonent.domains.billing.families import code as families_code
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.code import Asking, Held, Wanted
from abonent.domains.billing.families.queries import NoSuchFamily
from abonent.domains.identity.rules import CaptchaNeeded, Channel, Purpose, TooMany
from abonent.entrypoints.portal.families import words
from abonent.entrypoints.portal.families.views import HERE, TEMPLATES, both
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity import words as code_words
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Asked, Send, Steps
from abonent.entrypoints.portal.identity.factors import words as factor_words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats


@both
@signed_in
def start(request: HttpRequest, visitor: Visitor, invitation_id: UUID) -> HttpResponse:
    """Say what the code agrees to, and send it."""
    wanted = _wanted(visitor, invitation_id)
    if request.method != "POST":
        return _page(request, visitor, wanted)
    steps = _steps(wanted)
    try:
        return codes.ask(request, steps, wanted.number, steps.start, _send(request, wanted))
    except CaptchaNeeded:
        return captcha.ask(request, back=steps.start, typed={"way": "code"})
    except TooMany as error:
        return codes.too_many(_page(request, visitor, wanted, code_words.refused(error)), error)


@both
@sensitive_post_parameters("code")
@signed_in
def enter(request: HttpRequest, visitor: Visitor, invitation_id: UUID) -> HttpResponse:
    """Take the code that the owner of the number told."""
    wanted = _wanted(visitor, invitation_id)

    def use(held: browser.Held, typed: str) -> HttpResponse:
        try:
            families_code.agree_by_code(wanted=wanted, challenge_id=held.challenge_id, typed=typed, at=now())
        except Held as error:
            return _page(request, visitor, wanted, factor_words.held(error.hold), status=409)
        except Refused as refused:
            return _page(request, visitor, wanted, words.why_not(refused.refusal), status=409)
        return HttpResponseRedirect(f"{HERE}?agreed")

    return codes.enter(request, _steps(wanted), browser.held_by(request, Purpose.FAMILY), use)


@require_POST
@signed_in
def again(request: HttpRequest, visitor: Visitor, invitation_id: UUID) -> HttpResponse:
    """Send the code once more."""
    wanted = _wanted(visitor, invitation_id)
    return codes.send_again(request, _steps(wanted), lambda _: _send(request, wanted))


def _page(request: HttpRequest, visitor: Visitor, wanted: Wanted, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "visitor": visitor,
        "address": _steps(wanted).start,
        "number": formats.phone(wanted.number),
        "fee": formats.money(wanted.fee_minor),
        "problem": problem,
        "captcha": captcha.question(request, _steps(wanted).start),
    }
    return render(request, f"{TEMPLATES}code.html", context, status=status)


def _steps(wanted: Wanted) -> Steps:
    here = f"{HERE}code/{wanted.invitation_id}/"
    about = _("%(number)s joins your family") % {"number": formats.phone(wanted.number)}
    return Steps(
        Purpose.FAMILY, here, f"{here}enter/", f"{here}again/", (Channel.SMS,), wanted.bound, about,
        _("Let it join"),
    )  # fmt: skip


def _send(request: HttpRequest, wanted: Wanted) -> Send:
    def send(asked: Asked) -> UUID:
        asking = Asking(
            browser.origin_of(request), browser.host_of(request), codes.language(), asked.again, asked.solved
        )
        return families_code.send_code(wanted=wanted, asking=asking, at=now())

    return send


def _wanted(visitor: Visitor, invitation_id: UUID) -> Wanted:
    try:
        return families_code.wanted(invitation_id=invitation_id, line=visitor.line, at=now())
    except NoSuchFamily:
        raise Http404 from None
