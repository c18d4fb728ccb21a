"""What the sign-in page offers besides the number: other services, the operator's own network."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from abonent.entrypoints.portal.identity.federation import waiting
from abonent.entrypoints.portal.identity.federation.words import name_of


@dataclass(frozen=True, slots=True)
class Service:
    """A button: `id` as in addresses, `name` as people say it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What `portal/identity/services.html` shows; `waiting` is the service whose login will be added, or empty."""

    services: tuple[Service, ...]
    network: bool
    waiting: str
    waiting_name: str


def offer(request: HttpRequest) -> Offer:
    """Return what there is for this browser; a session is looked at only where there is one."""
    waits = waiting.held(request) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    return Offer(
        services=tuple(Service(service, name_of(service)) for service in settings.LOGINS),
        network=bool(settings.RECOGNISER_URL),
        waiting=name_of(waits.service) if waits else "",
        waiting_name=waits.name if waits else "",
    )
