"""Providers are told how their subscriptions stand, by the gateway that the settings name; none: they ask us."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.lines import queries as lines
from abonent.domains.orders import models
from abonent.domains.orders.ports import Notice, Providers
from abonent.domains.orders.subscriptions import queries


def provider_key(code: str, secret: str | None = None) -> str:
    """Return the key of requests to and from the provider: derived from ours, or an older one, and stored nowhere."""
    return salted_hmac("abonent.content.provider", code, secret=secret, algorithm="sha256").hexdigest()


def provider_keys(code: str) -> list[str]:
    """Return the keys by which the provider is heard: the one of now, and those of older secrets."""
    return [provider_key(code, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def tell(*, subscription_id: UUID, at: datetime) -> bool:
    """Tell the provider how its subscription stands now; return whether there is anybody to tell.

    Raises `ports.NoAnswer` unless it says that it heard: then it is told again.
    """
    row = models.Subscription.objects.get(id=subscription_id)
    url = providers_queries.provider(row.provider, queries.today(at)).url
    if not settings.CONTENT_PROVIDERS or not url:
        return False
    one = queries.value_of(row)
    held = next(iter(lines.served(line_ids=[row.line_id])), None)
    notice = Notice(
        subscription_id=row.id, external_id=row.external_id, provider=row.provider, service=row.service,
        number=held.number if held else "", state=row.state, why=row.why,
        at=one.ended_at or one.paused_at or one.agreed_at or one.asked_at, works_until=row.works_until,
    )  # fmt: skip
    gateway().tell(url=url, key=provider_key(row.provider), notice=notice)
    return True


def gateway() -> Providers:
    """Return the gateway; raise `ImportError` when it cannot be loaded."""
    found: Providers = _load(settings.CONTENT_PROVIDERS)
    return found


@lru_cache
def _load(path: str) -> Any:
    return import_string(path)()
