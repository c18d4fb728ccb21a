"""Content providers on screen: they ask for subscriptions by signed callbacks, and hear what became of them."""

from __future__ import annotations

import json
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.test import RequestFactory
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.demo.models import ProviderHeard
from abonent.demo.people import number_of
from abonent.demo.phone import rules
from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.catalog.providers.rules import Provider, Service
from abonent.domains.orders.subscriptions import gateway as subscriptions_gateway
from abonent.domains.orders.subscriptions import queries
from abonent.entrypoints.callbacks import bodies
from abonent.entrypoints.callbacks.providers import asked
from abonent.foundation.clock import now

HERE = "/phone/providers/"
OFFERED = 3
HEARD_SHOWN = 20
ANSWER_MAX = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def providers(request: HttpRequest) -> HttpResponse:
    """Show what can be asked for and what was told; have a provider ask for the number, by its own signed request."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        number = rules.handset(given.get("number") or number_of(0))
    except rules.BadMessage:
        number = number_of(0)
    sold = providers_queries.in_force(queries.today(now()))
    if request.method == "POST":
        answer = _ask(sold, request.POST.get("service", ""), number, dearer="dearer" in request.POST)
        return HttpResponseRedirect(f"{HERE}?{urlencode({'number': number, 'answer': answer})}")
    context = {
        "number": number,
        "answer": request.GET.get("answer", "")[:ANSWER_MAX],
        "offered": [number_of(place) for place in range(OFFERED)],
        "services": [_offer(provider, service) for provider in sold for service in provider.services],
        "heard": ProviderHeard.objects.order_by("-id")[:HEARD_SHOWN],
    }
    return render(request, "demo/providers.html", context)


def _ask(sold: list[Provider], named: str, number: str, *, dearer: bool) -> str:
    """Send what a provider sends, and return what it hears; `dearer`: twice the price it may ask for."""
    code, _slash, wanted = named.partition("/")
    provider = next((one for one in sold if one.code == code), None)
    service = provider.service(wanted) if provider else None
    if service is None:
        return _("There is no such service")
    body = json.dumps(
        {
            "id": f"screen-{uuid4()}", "number": number, "service": service.code,
            "price_minor": service.price_minor * (2 if dearer else 1), "per": service.per,
        }
    ).encode()  # fmt: skip
    path, timestamp = f"/callbacks/content/{code}", str(int(now().timestamp()))
    signed = bodies.signature(subscriptions_gateway.provider_key(code), timestamp, path, body)
    headers = {"X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signed}
    sent = RequestFactory().post(path, body, content_type="application/json", headers=headers)
    answer = asked(sent, code)
    return f"HTTP {answer.status_code}: {answer.content.decode()}"


def _offer(provider: Provider, service: Service) -> tuple[str, str, str]:
    language = get_language() or "ru"
    price = {"day": _("%(sum)s ₽ a day"), "week": _("%(sum)s ₽ a week"), "month": _("%(sum)s ₽ a month")}[service.per]
    return (
        f"{provider.code}/{service.code}",
        f"{service.names.get(language, service.code)} · {provider.names.get(language, provider.code)}",
        price % {"sum": service.price_minor // 100} + f" · {provider.short_number}",
    )
