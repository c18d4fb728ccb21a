"""The voicemail platform's way in: a message that was left, the PIN of who calls in, the greeting to play.

Signed as everything from our own network is; docs/gateways.md says what is sent. Whether a number is somebody's shows
in no answer to a body that is signed but of no use.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.domains.identity.hashing import Busy
from abonent.domains.lines import queries as lines
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Guards
from abonent.domains.voice.voicemail import actions as voicemail
from abonent.domains.voice.voicemail import queries as voicemail_queries
from abonent.domains.voice.voicemail.rules import BadSound
from abonent.entrypoints.callbacks import bodies
from abonent.entrypoints.callbacks.bodies import BadBody
from abonent.foundation.clock import now

# A recording of the largest size as base64, and the words around it.
BODY_MAX = 5 * 1024 * 1024
AGAIN_AFTER_S = 5


def signed(answer: Callable[[bytes], dict[str, object]]) -> Callable[[HttpRequest], JsonResponse]:
    """Make a view of an answer to a signed body: 404 for anybody else, 400 with the reason for a body of no use."""

    @csrf_exempt
    @never_cache
    @wraps(answer)
    def view(request: HttpRequest) -> JsonResponse:
        if request.method != "POST":
            raise Http404
        body = request.read(BODY_MAX + 1)
        if len(body) > BODY_MAX or not _is_signed(request, body):
            raise Http404
        try:
            return JsonResponse(answer(body))
        except (BadBody, BadSound) as error:
            return JsonResponse({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
        except Busy:
            refused = JsonResponse({"error": "busy, send it again"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
            refused["Retry-After"] = str(AGAIN_AFTER_S)
            return refused

    return view


@signed
def message(body: bytes) -> dict[str, object]:
    """Take what a caller left, once by its key."""
    found = bodies.voice_message(body)
    try:
        content = base64.b64decode(found.sound, validate=True)
    except (binascii.Error, ValueError):
        raise BadBody("sound must be base64") from None
    at = now()
    new = voicemail.receive(
        number=found.number, caller=found.caller, key=f"voicemail-{found.key}", content=content,
        left_at=found.at or at, at=at,
    )  # fmt: skip
    return {"new": new}


@signed
def pin(body: bytes) -> dict[str, object]:
    """Say whether the PIN of who calls in is right; each wrong one counts, and the third locks."""
    number, given = bodies.voice_pin(body)
    line = lines.served_by_number(number)
    try:
        pins.prove(line_id=line.id if line else 0, guards=Guards.VOICEMAIL, pin=given)
    except (pins.WrongPin, pins.PinLocked) as refused:
        return {"right": False, "locked": isinstance(refused, pins.PinLocked)}
    return {"right": True, "locked": False}


@signed
def greeting(body: bytes) -> dict[str, object]:
    """Say how callers of the number are met; with the sound, when it is the subscriber's own."""
    line = lines.served_by_number(bodies.voice_number(body))
    if line is None:
        return {"greeting": "plain", "language": settings.LANGUAGE_CODE}
    chosen = voicemail_queries.greeting(line.id)
    told: dict[str, object] = {"greeting": chosen, "language": line.language}
    try:
        kind, content = voicemail_queries.own_greeting(line.id)
    except (voicemail_queries.NotThere, FileNotFoundError):
        return told
    return told if chosen != "own" else told | {"kind": kind, "sound": base64.b64encode(content).decode()}


def _is_signed(request: HttpRequest, body: bytes) -> bool:
    return bodies.is_signed(
        key=settings.GATEWAY_KEY,
        timestamp=request.headers.get("X-Abonent-Timestamp", ""),
        given=request.headers.get("X-Abonent-Signature", ""),
        path=request.path,
        body=body,
        now=now(),
    )
