"""The USSD gateway's way in: `/ussd/press`, signed as the SMS gateway's. To anybody else the address is not there.

What it wants is told in docs/gateways.md.
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.entrypoints.ussd import bodies, dialog
from abonent.foundation.clock import now
from abonent.web import signatures


@csrf_exempt
@never_cache
def press(request: HttpRequest) -> JsonResponse:
    """Answer one press: `type` is `CON` (the session waits for another one) or `END`, `text` what the handset shows."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise Http404 from None
    if request.method != "POST" or not _is_signed(request, body):
        raise Http404
    try:
        pressed = bodies.press(body)
    except bodies.BadBody as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
    screen = dialog.press(
        session=pressed.session, step=pressed.step, number=pressed.number, subscriber=pressed.subscriber,
        text=pressed.text, at=now(),
    )  # fmt: skip
    return JsonResponse({"type": "CON" if screen.goes_on else "END", "text": screen.text})


def _is_signed(request: HttpRequest, body: bytes) -> bool:
    return signatures.is_signed(
        key=settings.GATEWAY_KEY,
        timestamp=request.headers.get("X-Abonent-Timestamp", ""),
        given=request.headers.get("X-Abonent-Signature", ""),
        path=request.path,
        body=body,
        now=now(),
    )
