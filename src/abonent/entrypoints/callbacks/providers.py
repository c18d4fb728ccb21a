"""A content provider's way in: `/callbacks/content/<code>`, signed with its own key, as docs/content-providers.md says.

Whoever cannot sign finds nothing. Whoever can begins nothing: the subscriber is asked, and the answer says how that
stands, or in one word why not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from abonent.domains.catalog.providers.queries import NoSuchProvider
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import gateway as subscriptions_gateway
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.asking import DifferentRequest, Refused, Wish
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription, Subscription
from abonent.domains.orders.subscriptions.rules import State, Why
from abonent.entrypoints.callbacks.bodies import BadBody, is_signed
from abonent.foundation.clock import now

EXTERNAL_ID = re.compile(r"[\x21-\x7e]{1,60}", re.ASCII)
NUMBER = re.compile(r"\+[1-9][0-9]{9,14}", re.ASCII)
PER = ("day", "week", "month")
SUM_MAX = 10**9

Fields = dict[str, object]
Answer = Callable[[str, Fields], JsonResponse]


def signed(answer: Answer) -> Callable[[HttpRequest, str], JsonResponse]:
    """Make a view of an answer to a provider's signed JSON object: 404 for anybody else, 400 for a body of no use."""

    @csrf_exempt
    @never_cache
    @wraps(answer)
    def view(request: HttpRequest, code: str) -> JsonResponse:
        try:
            body = request.body
        except RequestDataTooBig:
            raise Http404 from None
        if request.method != "POST" or not _is_signed(request, code, body):
            raise Http404
        try:
            return answer(code, _fields(body))
        except BadBody as bad:
            return JsonResponse({"error": str(bad)}, status=HTTPStatus.BAD_REQUEST)
        except NoSuchProvider:
            raise Http404 from None
        except NoSuchSubscription:
            return JsonResponse({"error": "no such id"}, status=HTTPStatus.NOT_FOUND)

    return view


@signed
def asked(code: str, fields: Fields) -> JsonResponse:
    """Ask a subscriber for the consent, once by the provider's id."""
    price_minor = fields.get("price_minor")
    if not isinstance(price_minor, int) or isinstance(price_minor, bool) or not 0 < price_minor < SUM_MAX:
        raise BadBody("price_minor must be a whole number of kopecks, VAT included")
    wish = Wish(
        provider=code,
        external_id=_external_id(fields),
        number=_text(fields, "number", NUMBER, "+79000000001"),
        service=_text(fields, "service", re.compile(r"[a-z0-9-]{1,20}"), "small letters, digits and hyphens"),
        price_minor=price_minor,
        per=_text(fields, "per", re.compile("|".join(PER)), f"one of {', '.join(PER)}"),
        channel=subscriptions_asking.CALLBACK,
    )
    try:
        return _told(subscriptions_asking.ask(wish=wish, at=now()))
    except Refused as refused:
        return _refused(refused.why)
    except DifferentRequest:
        return JsonResponse({"error": "this id came before with something else"}, status=HTTPStatus.CONFLICT)


@signed
def state(code: str, fields: Fields) -> JsonResponse:
    """Say how the subscription of the provider's id stands."""
    return _told(queries.of_provider(code, _external_id(fields)))


@signed
def stopped(code: str, fields: Fields) -> JsonResponse:
    """End the subscription of the provider's id: its subscriber left it there."""
    found = queries.of_provider(code, _external_id(fields))
    ended = subscriptions.stop(
        subscription_id=found.id, line_ids=[found.line_id], why=Why.PROVIDER, by="provider", at=now()
    )
    return _told(ended)


def _told(one: Subscription) -> JsonResponse:
    if one.state is State.REFUSED and one.why is not None:
        return _refused(one.why)
    said = {"state": str(one.state), "why": str(one.why or ""), "subscription_id": str(one.id)}
    if one.state is State.ASKED:
        # Only the SMS names it: whoever has the address may try the code.
        del said["subscription_id"]
    return JsonResponse(said)


def _refused(why: Why) -> JsonResponse:
    return JsonResponse({"state": "refused", "why": str(why)}, status=HTTPStatus.CONFLICT)


def _is_signed(request: HttpRequest, code: str, body: bytes) -> bool:
    # Keys are derived whether there is such a provider or not: both cost the same.
    timestamp = request.headers.get("X-Abonent-Timestamp", "")
    given = request.headers.get("X-Abonent-Signature", "")
    return any(
        is_signed(key=key, timestamp=timestamp, given=given, path=request.path, body=body, now=now())
        for key in subscriptions_gateway.provider_keys(code)
    )


def _fields(body: bytes) -> Fields:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is no JSON") from None
    if not isinstance(found, dict):
        raise BadBody("the body must be a JSON object")
    return found


def _external_id(fields: Fields) -> str:
    return _text(fields, "id", EXTERNAL_ID, "1 to 60 printable ASCII characters without blanks")


def _text(fields: Fields, name: str, form: re.Pattern[str], example: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadBody(f"{name} must be text as {example}")
    return value
