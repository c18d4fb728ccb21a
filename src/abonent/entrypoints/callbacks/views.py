"""Our gateways' way in: `/callbacks/sms/inbound` and `/callbacks/sms/receipt`.

The keyed signature makes this our own connection to the network: only what comes in here counts as sent by the SIM it
names. To anybody else the addresses are not there. What they want is told in docs/gateways.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.domains.identity.hashing import Busy
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.states import Event
from abonent.entrypoints.callbacks import bodies
from abonent.foundation.clock import now

HEARD = {"delivered": Event.RECEIVED, "waiting": Event.HELD, "lost": Event.LOST}
AGAIN_AFTER_S = 5


def signed(answer: Callable[[bytes], dict[str, bool]]) -> Callable[[HttpRequest], JsonResponse]:
    """Make a view of an answer to a signed body: 404 for anybody else, 400 with the reason for a body of no use."""

    @csrf_exempt
    @never_cache
    @wraps(answer)
    def view(request: HttpRequest) -> JsonResponse:
        try:
            body = request.body
        except RequestDataTooBig:
            raise Http404 from None
        if request.method != "POST" or not _is_signed(request, body):
            raise Http404
        try:
            return JsonResponse(answer(body))
        except bodies.BadBody as error:
            return JsonResponse({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
        except Busy:
            refused = JsonResponse({"error": "busy, send it again"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
            refused["Retry-After"] = str(AGAIN_AFTER_S)
            return refused

    return view


def _is_signed(request: HttpRequest, body: bytes) -> bool:
    return bodies.is_signed(
        key=settings.GATEWAY_KEY,
        timestamp=request.headers.get("X-Abonent-Timestamp", ""),
        given=request.headers.get("X-Abonent-Signature", ""),
        path=request.path,
        body=body,
        now=now(),
    )


@signed
def inbound(body: bytes) -> dict[str, bool]:
    """Take an SMS from a person in, once by its key."""
    found = bodies.inbound(body)
    new = messaging.receive(
        channel="sms",
        sender=found.sender,
        recipient=found.recipient,
        text=found.text,
        key=f"gateway-{found.key}",
        subscriber=found.subscriber,
    )
    return {"new": new}


@signed
def receipt(body: bytes) -> dict[str, bool]:
    """Note what became of a message; a receipt that comes again changes nothing."""
    found = bodies.receipt(body)
    at = now()
    moment = min(found.at or at, at)
    return {"new": messaging.note_receipt(message_id=found.message_id, heard=HEARD[found.state], at=moment)}
