"""A provider, or the subscriber by SMS, asks for a subscription: written down, and the subscriber is asked by our SMS.

Nothing is begun here. Locks are taken in one order: the turn of the line, the subscription's row, the money.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from abonent.domains.catalog.providers import queries as providers_queries
from abonent.domains.catalog.providers import rules as providers_rules
from abonent.domains.catalog.providers.rules import Provider, Service
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import notices as subscriptions_notices
from abonent.domains.orders.subscriptions import queries, rules
from abonent.domains.orders.subscriptions.queries import Subscription
from abonent.domains.orders.subscriptions.rules import OPEN, SHOWN, Standing, State, Why

log = logging.getLogger(__name__)

CALLBACK, SMS = "callback", "sms"
DAY = timedelta(days=1)


class Refused(Exception):
    """The number is not asked, and why."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class DifferentRequest(Exception):
    """The provider's id was used before, for something else."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, for a number (E.164): a service at `price_minor` for each `per`.

    `external_id` is the provider's own, the same at every try; empty for a subscriber's SMS.
    """

    provider: str
    external_id: str
    number: str
    service: str
    price_minor: int
    per: str
    channel: str


def ask(*, wish: Wish, at: datetime) -> Subscription:
    """Ask the subscriber for the consent, once by the provider's id; return how that stands.

    Raises `Refused`, `DifferentRequest`, `providers_queries.NoSuchProvider`. What a ban refuses is kept and shown.
    """
    provider = providers_queries.provider(wish.provider, queries.today(at))
    if (known := _known(wish)) is not None:
        return known
    if why := rules.refusal_of_offer(provider, wish.service, wish.price_minor, wish.per):
        raise Refused(why)
    line = lines.served_by_number(wish.number)
    if line is None or line.service != "mobile":
        raise Refused(Why.NOT_SERVED)
    try:
        with transaction.atomic():
            return _ask(wish, provider, line, at)
    except IntegrityError:
        # The same id came for another number at the same moment.
        log.warning("content: %s of %s came twice at once", wish.external_id, wish.provider)
        raise DifferentRequest(wish.external_id) from None


def take_turn(line_id: int) -> None:
    """Let what begins and bans subscriptions of a line go one after the other, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('subscriptions'), %s)", [line_id % 2**31])


def standing(line: Line, provider: str, service: str, at: datetime, *, but: UUID | None = None) -> Standing:
    """Return what decides whether the line may be asked; `but` is a request that does not count."""
    rows = models.Subscription.objects.filter(line_id=line.id)
    rows = rows.exclude(id=but) if but else rows
    asked = rows.filter(asked_at__gt=at - DAY).exclude(told="")
    return Standing(
        banned=models.ContentBan.objects.filter(line_id=line.id, until=None).exists(),
        suspended=queries.is_suspended(provider),
        blocked=bool(line.bars),
        already=rows.filter(
            Q(state__in=OPEN) | Q(works_until__gt=queries.today(at)), provider=provider, service=service
        ).exists(),
        asked_today=asked.count(),
        asked_today_each=asked.filter(provider=provider).count(),
    )


def _ask(wish: Wish, provider: Provider, line: Line, at: datetime) -> Subscription:
    take_turn(line.id)
    if (known := _known(wish)) is not None:
        return known
    terms = queries.terms(at)
    why = rules.refusal(standing(line, wish.provider, wish.service, at), terms)
    if why is not None and why not in SHOWN:
        raise Refused(why)
    service = provider.service(wish.service)
    if service is None:
        raise Refused(Why.UNKNOWN_SERVICE)
    row = _new(wish, provider, service, line, at)
    if why is not None:
        row.state, row.why, row.ended_at = State.REFUSED, why, at
        row.save(force_insert=True)
        subscriptions_notices.refused(row, line, at)
        return queries.value_of(row)
    row.told = subscriptions_notices.wording(row, line)
    row.save(force_insert=True)
    subscriptions_notices.asked(row, line)
    return queries.value_of(row)


def _new(wish: Wish, provider: Provider, service: Service, line: Line, at: datetime) -> models.Subscription:
    terms = queries.terms(at)
    return models.Subscription(
        id=uuid4(), line_id=line.id, provider=provider.code, external_id=wish.external_id, service=service.code,
        names=providers_rules.full_names(provider, service), short_number=provider.short_number, phone=provider.phone,
        price_minor=service.price_minor, per=service.per, state=State.ASKED, channel=wish.channel, asked_at=at,
        expires_at=at + terms.consent_life, tries_left=terms.tries, language=line.language,
    )  # fmt: skip


def _known(wish: Wish) -> Subscription | None:
    if not wish.external_id:
        return None
    row = models.Subscription.objects.filter(provider=wish.provider, external_id=wish.external_id).first()
    if row is None:
        return None
    line = lines.served_by_id(row.line_id)
    asked = (row.service, row.price_minor, row.per)
    if asked != (wish.service, wish.price_minor, wish.per) or (line is not None and line.number != wish.number):
        raise DifferentRequest(wish.external_id)
    return queries.value_of(row)
