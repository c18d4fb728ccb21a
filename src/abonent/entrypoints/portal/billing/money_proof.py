"""The proof on pages that send money: bound to what the page shows, by whatever the person has that is good enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from abonent.domains.billing.transfers import proofs
from abonent.domains.billing.transfers.proofs import ByApp, ByCode, ByPasskey, FactorNeeded, MoneyHeld, Shown
from abonent.domains.identity import queries as identity
from abonent.domains.identity.factors.queries import factors_of
from abonent.domains.identity.factors.rules import FactorError, FactorPaused
from abonent.domains.identity.rules import CaptchaNeeded, Channel, NoSuchCode, Purpose, TooMany
from abonent.domains.lines.rules import Hold
from abonent.entrypoints.portal.identity import browser, codes
from abonent.entrypoints.portal.identity import words as code_words
from abonent.entrypoints.portal.identity.browser import Held
from abonent.entrypoints.portal.identity.captcha import gate as captcha
from abonent.entrypoints.portal.identity.codes import Asked, Steps
from abonent.entrypoints.portal.identity.factors import ceremony, own_codes, words
from abonent.entrypoints.portal.identity.factors.forms import AppCodeForm
from abonent.entrypoints.portal.identity.forms import TypedForm
from abonent.entrypoints.portal.visitor import Visitor
from abonent.foundation.clock import now

USE = "money"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What is to be confirmed: the page that shows it, its digest, what the SMS says of it, and what proves it then.

    `about` and `act` are words for the page of the code; `finish` takes what was shown and answers with the next page.
    """

    page: str
    bound: str
    told: Mapping[str, str]
    about: str
    act: str
    finish: Callable[[Shown], HttpResponse]

    @property
    def steps(self) -> Steps:
        code = f"{self.page}code/"
        return Steps(
            Purpose.MONEY, self.page, code, f"{code}again/", (Channel.SMS,), self.bound, self.about, self.act
        )  # fmt: skip


@dataclass(slots=True)
class Offered:
    """The ways that this person may prove it by, the surest first, and what went wrong with the one tried."""

    ways: list[str]
    number: str
    hold: Hold | None
    form: TypedForm = field(default_factory=AppCodeForm)
    problem: str = ""
    error: Exception | None = None

    @property
    def usable(self) -> list[str]:
        return [way for way in self.ways if way != "sms" or not self.hold]


def offered(visitor: Visitor) -> Offered:
    """Return what the person can prove a transfer by; where there is a second factor, no SMS does."""
    target, held = own_codes.target_of(visitor), factors_of(visitor.account_id)
    ways = ["passkey"] if held.passkeys else []
    ways += ["app"] if held.totp_since else []
    ways += ["sms"] if target.number and not held.asked else []
    return Offered(ways, target.number, proofs.hold_of(target.number, now()) if "sms" in ways else None)


def take(request: HttpRequest, visitor: Visitor, confirmed: Confirmed, ways: Offered) -> HttpResponse | None:
    """Take the way chosen: send a code, or check what was shown; None: the page is shown again and says why."""
    way = request.POST.get("way", "")
    if way not in ways.usable:
        return None
    if way == "sms":
        return _ask(request, visitor, confirmed, ways)
    try:
        if way == "app":
            return _by_app(request, confirmed, ways)
        response = confirmed.finish(
            ByPasskey(
                request.POST.get("passkey", ""), ceremony.challenge_for(request, USE), ceremony.site_of(request)
            )
        )  # fmt: skip
    except FactorError as error:
        ways.error = error
        if way == "app":
            ways.form.add_error("code", words.of_code(error))
        else:
            ways.problem = words.of_passkey(error)
        return None
    browser.drop_question(response, USE)
    return response


def context(
    request: HttpRequest, visitor: Visitor, confirmed: Confirmed, ways: Offered
) -> tuple[dict[str, Any], bytes]:
    """Return what the page of the proof needs, and the question that a passkey is asked (empty: none)."""
    wanted = request.POST.get("way") or request.GET.get("way", "")
    chosen = next((way for way in (wanted, *ways.usable) if way in ways.usable), "")
    challenge = proofs.question_for(confirmed.bound) if chosen == "passkey" else b""
    return {
        "way": chosen,
        "others": [way for way in ways.usable if way != chosen],
        "number": ways.number,
        "held": words.held(ways.hold) if ways.hold else "",
        "form": ways.form,
        "question": ceremony.question(request, visitor.account_id, challenge) if challenge else "",
        "problem": ways.problem,
        "captcha": captcha.question(request, confirmed.page),
    }, challenge


def finished(response: HttpResponse, ways: Offered, challenge: bytes) -> HttpResponse:
    """Let the browser keep the question that its page shows; say by the status, too, that it is too often."""
    if isinstance(ways.error, FactorPaused):
        response.status_code = 429
        response["Retry-After"] = str(max(1, round((ways.error.until - now()).total_seconds())))
    elif isinstance(ways.error, TooMany):
        codes.too_many(response, ways.error)
    return ceremony.keep(response, USE, challenge) if challenge else response


def enter(request: HttpRequest, confirmed: Confirmed) -> HttpResponse:
    """Ask for the code that confirms exactly this; what it proves is finished."""
    held = browser.held_by(request, Purpose.MONEY)
    if request.method != "POST" and not _is_of(held, confirmed.bound):
        # The browser's code is of something else: this page has none to ask for.
        return HttpResponseRedirect(confirmed.page)

    def use(held: Held, typed: str) -> HttpResponse:
        try:
            return confirmed.finish(ByCode(held.challenge_id, typed))
        except (FactorNeeded, MoneyHeld):
            return HttpResponseRedirect(confirmed.page)

    return codes.enter(request, confirmed.steps, held, use)


def again(request: HttpRequest, visitor: Visitor, confirmed: Confirmed) -> HttpResponse:
    """Send the code once more."""
    try:
        return codes.send_again(request, confirmed.steps, lambda _: _send(request, visitor, confirmed))
    except (FactorNeeded, MoneyHeld):
        return HttpResponseRedirect(confirmed.page)


def _ask(request: HttpRequest, visitor: Visitor, confirmed: Confirmed, ways: Offered) -> HttpResponse | None:
    send = _send(request, visitor, confirmed)
    try:
        return codes.ask(request, confirmed.steps, ways.number, confirmed.page, send)
    except CaptchaNeeded:
        return captcha.ask(request, back=confirmed.page, typed={"way": "sms"})
    except TooMany as error:
        ways.problem, ways.error = code_words.refused(error), error
        return None


def _by_app(request: HttpRequest, confirmed: Confirmed, ways: Offered) -> HttpResponse | None:
    ways.form = AppCodeForm(request.POST)
    if not ways.form.is_valid():
        return None
    return confirmed.finish(ByApp(ways.form.cleaned_data["code"], browser.origin_of(request).device))


def _send(request: HttpRequest, visitor: Visitor, confirmed: Confirmed) -> codes.Send:
    target = own_codes.target_of(visitor)

    def send(asked: Asked) -> Any:
        to = proofs.To(
            number=target.number,
            line_id=target.line_id,
            origin=browser.origin_of(request),
            host=browser.host_of(request),
            language=codes.language(),
            again=asked.again,
            solved=asked.solved,
        )
        return proofs.request_code(
            account_id=visitor.account_id, bound=confirmed.bound, told=confirmed.told, to=to, at=now()
        )  # fmt: skip

    return send


def _is_of(held: Held | None, bound: str) -> bool:
    if held is None:
        return False
    try:
        return identity.waiting(held.challenge_id, Purpose.MONEY, now()).bound == bound
    except NoSuchCode:
        return False
