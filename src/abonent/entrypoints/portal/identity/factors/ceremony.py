"""A passkey's question and answer between the browser and us: who asks, under which address, for what use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from abonent.domains.identity import passkeys
from abonent.domains.identity.factors.rules import CHALLENGE_LIFE
from abonent.domains.identity.passkeys import Site
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.identity import browser
from abonent.web import format as formats

# What an answer is good for, and for nothing else.
ENTER = "enter"
SECOND = "second"
CONFIRM = "confirm"
ADD = "add"
UNLOCK = "unlock"


def site_of(request: HttpRequest) -> Site:
    """Return where passkeys are good: the operator's domain, or the host that was opened (refused unless ours)."""
    names = settings.OPERATOR_NAME
    language = translation.get_language() or settings.LANGUAGE_CODE
    return Site(
        domain=settings.PASSKEY_DOMAIN or browser.host_of(request),
        origin=f"{request.scheme}://{request.get_host()}",
        name=names.get(language) or names[settings.LANGUAGE_CODE],
    )


def question(request: HttpRequest, account_id: int | None, challenge: bytes) -> str:
    """Return what the page gives the browser to use a passkey with (JSON)."""
    return passkeys.asking(site=site_of(request), challenge=challenge, account_id=account_id)


def keep(response: HttpResponse, use: str, challenge: bytes) -> HttpResponse:
    """Let this browser, and no other, answer the challenge that its page shows."""
    browser.hold_question(response, use, challenge, CHALLENGE_LIFE)
    return response


def challenge_for(request: HttpRequest, use: str) -> bytes:
    """Return what was asked of this browser; what nobody signed, when nothing was or too long ago."""
    return browser.question_of(request, use, CHALLENGE_LIFE) or passkeys.new_challenge()


def name_for(lines: list[Line]) -> str:
    """Return what a device's list of passkeys and codes calls the cabinet: its main number."""
    number = next((line.number for line in lines if line.service == "mobile"), lines[0].number)
    return formats.phone(number) if number.startswith("+") else number
