"""The payment gateway's way in: `/callbacks/payments`, by GET or POST, signed as the gateway's protocol wants it.

It is answered as soon as it is written down; what it means is asked of the gateway by a worker. To anybody who cannot
sign, the address is not there.
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.domains.payments import actions
from abonent.domains.payments.ports import BadNotice, Forged
from abonent.foundation.clock import now

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@never_cache
def heard(request: HttpRequest) -> HttpResponse:
    """Take a callback in, once; 200 also for one that came before, 400 with the reason for a signed one of no use."""
    if not settings.PAYMENT_GATEWAY or request.method not in ("GET", "POST"):
        raise Http404
    try:
        actions.hear(fields=_fields(request), at=now())
    except Forged:
        raise Http404 from None
    except BadNotice as error:
        return HttpResponse(str(error), content_type=PLAIN, status=HTTPStatus.BAD_REQUEST)
    return HttpResponse("OK", content_type=PLAIN)


def _fields(request: HttpRequest) -> dict[str, str]:
    """Return the fields of the request; what has one of them twice can mean anything, so it is forged."""
    try:
        given = request.POST if request.method == "POST" else request.GET
    except (RequestDataTooBig, TooManyFieldsSent):
        raise Forged from None
    if any(len(values) != 1 for _, values in given.lists()):
        raise Forged
    return {name: str(value) for name, value in given.items()}
