"""The central database says that something happened to a request: `/callbacks/porting`, as docs/gateways.md says.

Whatever it says is a reason to ask it. Whoever cannot sign finds nothing.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.domains.porting import gateway
from abonent.domains.porting.jobs import hear_of_port
from abonent.entrypoints.callbacks.bodies import is_signed
from abonent.foundation.clock import now


@csrf_exempt
@never_cache
def heard(request: HttpRequest) -> HttpResponse:
    """Have the request asked about."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise Http404 from None
    signed = is_signed(
        key=settings.PORTING_ADAPTER.key, timestamp=request.headers.get("X-Abonent-Timestamp", ""),
        given=request.headers.get("X-Abonent-Signature", ""), path=request.path, body=body, now=now(),
    )  # fmt: skip
    if request.method != "POST" or not gateway.is_there() or not settings.PORTING_ADAPTER.key or not signed:
        raise Http404
    try:
        ref = UUID(json.loads(body)["request"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return JsonResponse({"error": "request must be the id of a request"}, status=HTTPStatus.BAD_REQUEST)
    hear_of_port.defer(ref=str(ref))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
