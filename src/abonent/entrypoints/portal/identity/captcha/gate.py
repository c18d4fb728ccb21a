"""The question that a browser holds: signed, in a cookie; what was typed before waits with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation

from abonent.domains.identity import captcha
from abonent.domains.identity.rules_risk import CaptchaKind
from abonent.entrypoints.portal.identity import browser
from abonent.foundation.clock import now

COOKIE = f"{browser.HOST_ONLY}captcha"
HELD_FOR = timedelta(minutes=10)
FIELD = "captcha"
TYPED_LENGTH_MAX = 300
PICTURE = "/login/captcha/picture/"


@dataclass(frozen=True, slots=True)
class Held:
    """The question of this browser: on which page it stands, how it is put, what else was typed there."""

    captcha_id: UUID
    kind: CaptchaKind
    back: str
    wrong: bool
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What the page shows: a picture's address or a number in words; `wrong`: the answer before was."""

    picture: str
    words: str
    wrong: bool
    typed: dict[str, str]


def question(request: HttpRequest, back: str) -> Question | None:
    """Return the question that the page `back` has to show to this browser, if any."""
    held = held_by(request)
    if held is None or held.back != back:
        return None
    if not captcha.is_open(captcha_id=held.captcha_id, device=_device(request), at=now()):
        return None
    if held.kind is CaptchaKind.WORDS:
        # Slow to load, and seldom needed.
        from num2words import num2words

        number = int(captcha.answer(held.captcha_id, held.kind))
        return Question("", num2words(number, lang=translation.get_language() or "ru"), held.wrong, held.typed)
    # The address changes with the question, so that no browser shows an earlier picture.
    return Question(f"{PICTURE}?{held.captcha_id.hex[:8]}", "", held.wrong, held.typed)


def solved(request: HttpRequest) -> bool:
    """Use up the browser's question, if the form holds an answer to it; return whether it was right."""
    held = held_by(request)
    typed = request.POST.get(FIELD)
    if held is None or typed is None:
        return False
    return captcha.solve(captcha_id=held.captcha_id, kind=held.kind, device=_device(request), typed=typed, at=now())


def ask(request: HttpRequest, *, back: str, typed: Mapping[str, str]) -> HttpResponse:
    """Put a new question to the browser and lead to the page `back`, which shows it and what was `typed`."""
    held = held_by(request)
    wrong = held is not None and bool(request.POST.get(FIELD))
    return put(request, back=back, typed=typed, kind=held.kind if held else CaptchaKind.PICTURE, wrong=wrong)


def put(
    request: HttpRequest, *, back: str, typed: Mapping[str, str], kind: CaptchaKind, wrong: bool = False
) -> HttpResponse:
    """Put a question of that kind in place of the one the browser holds."""
    before = held_by(request)
    captcha_id = captcha.put(device=_device(request), at=now(), instead_of=before.captcha_id if before else None)
    kept = {name: value[:TYPED_LENGTH_MAX] for name, value in typed.items()}
    response = HttpResponseRedirect(back)
    response.set_cookie(
        COOKIE,
        signing.dumps([captcha_id.hex, str(kind), back, wrong, kept], salt=COOKIE),
        max_age=HELD_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def settle(request: HttpRequest, response: HttpResponse) -> None:
    """Take the question from the browser, once the code is on its way."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")


def held_by(request: HttpRequest) -> Held | None:
    """Return the question that the browser holds, if it is one of ours."""
    if COOKIE not in request.COOKIES:
        return None
    try:
        captcha_id, kind, back, wrong, typed = signing.loads(request.COOKIES[COOKIE], salt=COOKIE, max_age=HELD_FOR)
        kept = {str(name): str(value) for name, value in typed.items()}
        return Held(UUID(str(captcha_id)), CaptchaKind(kind), str(back), bool(wrong), kept)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        # Not ours, too old, or of a shape that another version of the site gave out.
        return None


def _device(request: HttpRequest) -> str:
    return browser.origin_of(request).device
