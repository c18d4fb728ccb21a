"""What a browser holds: its code asked for, its mark, the number it remembers; signed, out of scripts' reach."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Purpose, address_prefix
from abonent.entrypoints.portal.visitor import safe_address
from abonent.web.address import address_of

# Longer than a code lives, so that the page can say that it is too old.
HELD_FOR = timedelta(hours=1)
REMEMBERED_FOR = timedelta(days=365)
HOST_ONLY = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
DEVICE = f"{HOST_ONLY}device"
NUMBER = f"{HOST_ONLY}number"
APP = f"{HOST_ONLY}app"
PIN = f"{HOST_ONLY}pin"
AGENT_LENGTH_MAX = 200
# No header can have this name.
_ORIGIN = "abonent.origin"


@dataclass(frozen=True, slots=True)
class Held:
    """The code this browser asked for, and where it wants to go afterwards."""

    challenge_id: UUID
    next: str


def hold(response: HttpResponse, purpose: Purpose, held: Held) -> None:
    """Let the browser keep its challenge: whoever has this cookie, and nobody else, can use the code."""
    value = signing.dumps([str(held.challenge_id), held.next], salt=_held_name(purpose))
    _set(response, _held_name(purpose), value, HELD_FOR)


def held_by(request: HttpRequest, purpose: Purpose) -> Held | None:
    """Return the challenge that the browser holds for `purpose`, if any."""
    name = _held_name(purpose)
    try:
        challenge_id, address = signing.loads(request.COOKIES.get(name, ""), salt=name, max_age=HELD_FOR)
        return Held(UUID(str(challenge_id)), safe_address(str(address)))
    except (signing.BadSignature, ValueError, TypeError):
        # Not ours, too old, or of a shape that another version of the site gave out.
        return None


def let_go(response: HttpResponse, purpose: Purpose) -> None:
    """Take the challenge from the browser."""
    response.delete_cookie(_held_name(purpose), samesite="Lax")


def remember_number(response: HttpResponse, number: str | None) -> None:
    """Remember the number typed on this device, as its owner ticked; None: forget it."""
    if number:
        _set(response, NUMBER, signing.dumps(number, salt=NUMBER), REMEMBERED_FOR)
    else:
        response.delete_cookie(NUMBER, samesite="Lax")


def remembered_number(request: HttpRequest) -> str:
    """Return the number remembered on this device, or nothing."""
    return _signed(request, NUMBER)


def mark(request: HttpRequest, response: HttpResponse) -> None:
    """Give the browser its mark, so that it can be told from others behind the same address."""
    if not _signed(request, DEVICE):
        _set(response, DEVICE, signing.dumps(secrets.token_urlsafe(12), salt=DEVICE), REMEMBERED_FOR)


def origin_of(request: HttpRequest) -> Origin:
    """Return where the request came from, for the limits of sending; looked at once a request."""
    origin: Origin | None = request.META.get(_ORIGIN)
    if origin is None:
        origin = Origin(address_prefix=address_prefix(address_of(request)), device=_signed(request, DEVICE))
        request.META[_ORIGIN] = origin
    return origin


def agent_of(request: HttpRequest) -> str:
    """Return what the browser calls itself, for the owner's list of devices."""
    said = request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH_MAX]
    return "".join(character for character in said if character.isprintable())


def in_app(request: HttpRequest) -> bool:
    """Return whether the request comes from the installed app, as it said when it was opened."""
    return request.COOKIES.get(APP) == "1"


def become_app(response: HttpResponse, *, app: bool = True) -> None:
    """Note in the browser that the site was opened as the installed app, or with `app` False that it is not one."""
    if app:
        _set(response, APP, "1", REMEMBERED_FOR)
    else:
        response.delete_cookie(APP, samesite="Lax")


def device_key_of(request: HttpRequest) -> UUID | None:
    """Return the id of the key that the PIN opens on this device, if it has one."""
    try:
        return UUID(_signed(request, PIN))
    except ValueError:
        return None


def hold_device_key(response: HttpResponse, device_key_id: UUID | None) -> None:
    """Let the device keep the id of its key; None: it has none any more."""
    if device_key_id:
        _set(response, PIN, signing.dumps(str(device_key_id), salt=PIN), REMEMBERED_FOR)
    else:
        response.delete_cookie(PIN, samesite="Lax")


def hold_question(response: HttpResponse, use: str, challenge: bytes, kept: timedelta) -> None:
    """Let the browser keep what its passkey is to answer, for this use alone."""
    name = _question_name(use)
    _set(response, name, signing.dumps(challenge.hex(), salt=name), kept)


def question_of(request: HttpRequest, use: str, kept: timedelta) -> bytes | None:
    """Return what the browser's passkey is to answer, unless it was asked too long ago or never."""
    name = _question_name(use)
    try:
        return bytes.fromhex(str(signing.loads(request.COOKIES.get(name, ""), salt=name, max_age=kept)))
    except (signing.BadSignature, ValueError):
        return None


def drop_question(response: HttpResponse, use: str) -> None:
    """Take the question from the browser."""
    response.delete_cookie(_question_name(use), samesite="Lax")


def host_of(request: HttpRequest) -> str:
    """Return the host name that the person opened (one of ours: others are refused), without the port."""
    return split_domain_port(request.get_host())[0]


def _held_name(purpose: Purpose) -> str:
    return f"{HOST_ONLY}code-{purpose}"


def _question_name(use: str) -> str:
    return f"{HOST_ONLY}passkey-{use}"


def _signed(request: HttpRequest, name: str) -> str:
    try:
        return str(signing.loads(request.COOKIES.get(name, ""), salt=name, max_age=REMEMBERED_FOR))
    except signing.BadSignature:
        return ""


def _set(response: HttpResponse, name: str, value: str, kept: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=kept,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
