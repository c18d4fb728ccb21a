"""A relative's number: what is asked for, then the owner's yes by a code to the number or by its password."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from abonent.domains.identity.hashing import Busy
from abonent.domains.identity.passwords.check import WrongPassword
from abonent.domains.identity.rules import CaptchaNeeded, Channel, CodeExpired, Purpose, TooMany
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.lines.sharing.actions import Asking, FactorNeeded, Held, Protected, SeenAlready
from abonent.domains.lines.sharing.queries import NoSuchShare, Wish
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity import words as code_words
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Asked, Send, Steps
from abonent.entrypoints.portal.identity.factors import words as factor_words
from abonent.entrypoints.portal.identity.passwords.door import busy
from abonent.entrypoints.portal.numbers import words
from abonent.entrypoints.portal.numbers.forms import OwnersPasswordForm, RelativeForm
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

HERE = "/numbers/"
ADD = f"{HERE}add/"

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@signed_in
def start(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask whose number, and as what one wants to see it."""
    form = RelativeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        if any(line.number == number.e164 for line in visitor.lines):
            return HttpResponseRedirect(f"{HERE}?own")
        wish_id = sharing.wish(
            form_id=form.cleaned_data["form"], account_id=visitor.account_id, line=visitor.line, number=number,
            role=form.cleaned_data["role"], at=now(),
        )  # fmt: skip
        return HttpResponseRedirect(f"{ADD}{wish_id}/")
    context = {
        "visitor": visitor,
        "form": form,
        "roles": words.roles(),
        "chosen": request.POST.get("role", ""),
        "never": words.never(),
    }
    return render(request, "portal/numbers/add.html", context)


@page
@sensitive_post_parameters("password")
@signed_in
def confirm(request: HttpRequest, visitor: Visitor, wish_id: UUID) -> HttpResponse:
    """Say what is asked for; have a code sent to the owner, or let the owner type the password."""
    wish = _own(visitor, wish_id)
    if wish.is_done:
        return HttpResponseRedirect(HERE)
    if request.method != "POST":
        return _page(request, visitor, wish)
    if request.POST.get("way") == "password":
        return _by_password(request, visitor, wish)
    steps = _steps(wish)
    try:
        return codes.ask(request, steps, wish.number, steps.start, _send(request, wish))
    except CaptchaNeeded:
        return captcha.ask(request, back=steps.start, typed={"way": "code"})
    except TooMany as error:
        return codes.too_many(_page(request, visitor, wish, code_words.refused(error)), error)


@page
@sensitive_post_parameters("code")
@signed_in
def code(request: HttpRequest, visitor: Visitor, wish_id: UUID) -> HttpResponse:
    """Take the code that the owner told."""
    wish = _own(visitor, wish_id)
    if wish.is_done:
        return HttpResponseRedirect(f"{HERE}?added")

    def use(held: browser.Held, typed: str) -> HttpResponse:
        try:
            sharing.agree_by_code(wish=wish, challenge_id=held.challenge_id, typed=typed, at=now())
        except (Held, Protected, SeenAlready) as error:
            return _page(request, visitor, wish, _why(error), status=409)
        return HttpResponseRedirect(f"{HERE}?added")

    return codes.enter(request, _steps(wish), browser.held_by(request, Purpose.SHARE), use)


@require_POST
@signed_in
def code_again(request: HttpRequest, visitor: Visitor, wish_id: UUID) -> HttpResponse:
    """Send the code once more."""
    wish = _own(visitor, wish_id)
    return codes.send_again(request, _steps(wish), lambda _: _send(request, wish))


def _by_password(request: HttpRequest, visitor: Visitor, wish: Wish) -> HttpResponse:
    form = OwnersPasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, wish, form=form)
    try:
        sharing.agree_by_password(
            wish=wish, typed=form.cleaned_data["password"], origin=browser.origin_of(request), at=now(),
            solved=captcha.solved(request),
        )  # fmt: skip
    except CaptchaNeeded:
        return captcha.ask(request, back=_steps(wish).start, typed={"way": "password"})
    except Busy:
        return busy(request)
    except WrongPassword as error:
        closed = _("Too many wrong passwords: this way is closed for the number. Have a code sent to it")
        wrong = _("This is not the password of that number. Or there is none: have a code sent to it")
        form.add_error("password", closed if error.closed else wrong)
        return _page(request, visitor, wish, form=form)
    except (Protected, FactorNeeded, SeenAlready, CodeExpired) as error:
        return _page(request, visitor, wish, _why(error), status=409)
    response = HttpResponseRedirect(f"{HERE}?added")
    captcha.settle(request, response)
    return response


def _why(error: Exception) -> str:
    """Return why the owner's yes was not enough, and what to do."""
    if isinstance(error, Held):
        return factor_words.held(error.hold)
    if isinstance(error, FactorNeeded):
        return _("This number has a second proof, so a password is not enough. Have a code sent to it")
    if isinstance(error, SeenAlready):
        return _("This number is yours already")
    if isinstance(error, Protected):
        return _("The owner of this number had the cabinet protected. Nobody new can see it until that is lifted")
    return _("This number is not served now")


def _page(
    request: HttpRequest, visitor: Visitor, wish: Wish, problem: str = "", form: OwnersPasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    question = captcha.question(request, _steps(wish).start)
    context = {
        "visitor": visitor,
        "address": _steps(wish).start,
        "number": formats.phone(wish.number),
        "login": wish.number,
        "role": words.role(wish.role),
        "gives": words.gives(wish.role),
        "never": words.never(),
        "form": form or OwnersPasswordForm(),
        "problem": problem,
        "captcha": question,
        "guarded": question.typed.get("way", "code") if question else "",
    }
    return render(request, "portal/numbers/confirm.html", context, status=status)


def _steps(wish: Wish) -> Steps:
    here = f"{ADD}{wish.id}/"
    return Steps(
        Purpose.SHARE, here, f"{here}code/", f"{here}code/again/", (Channel.SMS,), wish.bound,
        _("See %(number)s as: %(role)s") % {"number": formats.phone(wish.number), "role": words.role(wish.role)},
        _("Add the number"),
    )  # fmt: skip


def _send(request: HttpRequest, wish: Wish) -> Send:
    def send(asked: Asked) -> UUID:
        asking = Asking(
            browser.origin_of(request), browser.host_of(request), codes.language(), asked.again, asked.solved
        )
        return sharing.send_code(wish=wish, asking=asking, at=now())

    return send


def _own(visitor: Visitor, wish_id: UUID) -> Wish:
    try:
        return sharing_queries.wish_of(wish_id=wish_id, account_id=visitor.account_id, at=now())
    except NoSuchShare:
        raise Http404 from None
