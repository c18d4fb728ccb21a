"""Subscriptions of content providers from a phone: what the line has, the end of one, the ban, the money for them.

What is done is what the cabinet does; only the words by which a subscription is named are the phone's own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from abonent.domains.billing.content import queries as content_queries
from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.catalog.providers import rules as providers_rules
from abonent.domains.catalog.words import rules as words_rules
from abonent.domains.lines.queries import Line
from abonent.domains.orders.handset.rules import Said
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.queries import Subscription
from abonent.domains.orders.subscriptions.rules import State, Why

BY = "owner"
SHOWN_MAX = 8


@dataclass(frozen=True, slots=True)
class Named:
    """A subscription, or a request for one, and what stops it after OFF."""

    subscription: Subscription
    word: str

    def called(self, language: str) -> str:
        return self.subscription.names.get(language, self.subscription.service)


def having(line: Line) -> list[Named]:
    """Return what the line has or is asked for, each with a word that means no other of them."""
    found = [one for one in queries.overview(line.id).subscriptions if one.is_open]
    said = _said_last()
    own = [said.get(_key(one), one.service) for one in found]
    times = Counter(own)
    return [
        Named(one, (word if times[word] == 1 else f"{one.short_number} {word}").upper())
        for one, word in zip(found, own, strict=True)
    ]


def meant(typed: str) -> list[str]:
    """Return the keys of the services that the words mean: the service's own, or after its provider's short number."""
    word = words_rules.plain(typed)
    found = {
        _key_of(provider.code, service.code)
        for provider in providers_queries.versions()
        for service in provider.services
        for own in (*service.words, service.code)
        if word in (words_rules.plain(own), words_rules.plain(f"{provider.short_number}{own}"))
    }
    return sorted(found)


def has(line: Line, keys: Collection[str]) -> bool:
    """Return whether the line has a subscription to one of the services, or is asked for it."""
    return any(_key(one.subscription) in keys for one in having(line))


def told(line: Line, language: str) -> Said:
    """Tell what other companies charge for on the line, and how to be rid of it."""
    items = [
        [
            one.called(language),
            f"{one.subscription.price_minor}",
            one.subscription.per,
            str(one.subscription.state),
            one.word,
        ]
        for one in having(line)[:SHOWN_MAX]
    ]
    return Said("told subscriptions", {"number": line.number, "items": json.dumps(items)})


def account(line: Line) -> Said:
    """Tell what pays for subscriptions, and how much of it there is."""
    stands = content_queries.standing(line.contract_id)
    return Said(
        "told content", {"number": line.number, "on": "yes" if stands.is_on else "", "sum": f"{stands.pays_minor}"}
    )


def stop_meant(*, line: Line, keys: Collection[str], language: str, at: datetime) -> Said | None:
    """End the one that a text names; of several, tell how each is named. None: its own message says the rest."""
    found = [one for one in having(line) if _key(one.subscription) in keys]
    if not found:
        return Said("subscription nothing", {})
    if len(found) > 1:
        return told(line, language)
    return stop(line=line, subscription_id=found[0].subscription.id, language=language, why=Why.SMS, at=at)


def stop(*, line: Line, subscription_id: UUID, language: str, why: Why, at: datetime) -> Said | None:
    """End a subscription of the line; None: its own message says so. Raises `queries.NoSuchSubscription`."""
    ended = subscriptions.stop(subscription_id=subscription_id, line_ids=[line.id], why=why, by=BY, at=at)
    if ended.state is State.ENDED:
        return None
    return Said("subscription declined", {"service": ended.names.get(language, ended.service)})


def ban(*, line: Line, at: datetime) -> Said:
    """Let nobody ask for a subscription on the line any more; what goes on goes on."""
    subscriptions.ban(line_id=line.id, by=BY, at=at)
    return Said("subscriptions banned", {"number": line.number})


def _said_last() -> dict[str, str]:
    """Return the first word of every service, as its provider's newest terms have it."""
    return {
        _key_of(one.code, service.code): service.words[0]
        for one in sorted(providers_queries.versions(), key=lambda one: one.valid_from)
        for service in one.services
        if service.words
    }


def _key(one: Subscription) -> str:
    return _key_of(one.provider, one.service)


_key_of = providers_rules.key
