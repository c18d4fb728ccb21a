"""A partner's way in: `/callbacks/cashback/<code>`, signed with the partner's own key, as docs/cashback-files.md says.

Whoever cannot sign finds nothing. Who can is told what is wrong with the form of a body, and never whether a number is
somebody's: whatever the books make of a well-formed fact, the answer is the same.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.billing.cashback.rules import COLUMNS, FACTS, BadRow
from abonent.entrypoints.callbacks.bodies import is_signed
from abonent.foundation.clock import now

log = logging.getLogger(__name__)


@csrf_exempt
@never_cache
def heard(request: HttpRequest, partner: str) -> JsonResponse:
    """Take in one purchase or return; 200 also for one that came before, 400 with the reason for a body of no use."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise Http404 from None
    if request.method != "POST" or not _is_signed(request, partner, body):
        raise Http404
    fields = _fields(body)
    if fields is None:
        return _bad(f"a JSON object with the texts {', '.join(COLUMNS)}")
    try:
        cashback.take_in(code=partner, fields=fields, at=now())
    except cashback.NoSuchPartner:
        raise Http404 from None
    except BadRow as bad:
        if bad.reason not in FACTS:
            return _bad(bad.reason.value)
        log.warning("cashback: purchase %s of %s is not taken: %s", fields["purchase_id"], partner, bad.reason.value)
    return JsonResponse({"heard": True})


def _is_signed(request: HttpRequest, partner: str, body: bytes) -> bool:
    # Keys are derived whether there is such a partner or not: both cost the same.
    timestamp = request.headers.get("X-Abonent-Timestamp", "")
    given = request.headers.get("X-Abonent-Signature", "")
    return any(
        is_signed(key=key, timestamp=timestamp, given=given, path=request.path, body=body, now=now())
        for key in cashback.partner_keys(partner)
    )


def _fields(body: bytes) -> dict[str, str] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    fields = {name: found.get(name, "") for name in COLUMNS}
    return fields if all(isinstance(value, str) for value in fields.values()) else None


def _bad(reason: str) -> JsonResponse:
    return JsonResponse({"error": reason}, status=HTTPStatus.BAD_REQUEST)
