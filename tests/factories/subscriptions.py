"""Content providers, and subscriptions as people and providers ask for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import count
from uuid import UUID

from django.conf import settings

from abonent.domains.billing import queries as balances
from abonent.domains.catalog.providers import actions as providers
from abonent.domains.catalog.providers.rules import Provider, Service
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.asking import CALLBACK, Wish
from abonent.domains.orders.subscriptions.queries import Subscription
from tests.factories import billing
from tests.factories.orders import AT

STARS = Provider(
    code="stars",
    names={"ru": "Звёзды", "en": "Stars"},
    contact="127000, Москва, а/я 1",
    short_number="3300",
    phone="8 800 000-00-01",
    services=(
        Service("horoscope", {"ru": "Гороскоп", "en": "Horoscope"}, 500, "day", ("гороскоп", "stars")),
        Service("films", {"ru": "Кино", "en": "Films"}, 7_000, "week", ("кино",)),
        Service("music", {"ru": "Музыка", "en": "Music"}, 31_000, "month"),
    ),
    valid_from=date(2024, 1, 1),
)
OTHER = replace(STARS, code="games", names={"ru": "Игры", "en": "Games"}, short_number="4400")
_ids = count(1)


def publish(*more: Provider) -> None:
    """Put the providers in force."""
    for provider in (STARS, *more):
        providers.publish(provider)


def wish(line: Line, service: str = "horoscope", *, provider: Provider = STARS, **known: object) -> Wish:
    """Return what a provider asks for, as its terms say unless something else is said."""
    sold = provider.service(service)
    assert sold
    given = {
        "provider": provider.code, "external_id": f"S-{next(_ids)}", "number": line.number, "service": service,
        "price_minor": sold.price_minor, "per": sold.per, "channel": CALLBACK, **known,
    }  # fmt: skip
    return Wish(**given)


def ask(line: Line, service: str = "horoscope", *, at: datetime = AT, **known: object) -> UUID:
    """Have a provider ask; return the request."""
    return subscriptions_asking.ask(wish=wish(line, service, **known), at=at).id


def code(subscription_id: UUID) -> str:
    """Return the code of the SMS, whether its time is over or not."""
    row = models.Subscription.objects.get(id=subscription_id)
    return subscriptions_consent._code(row, settings.SECRET_KEY)


def agree(subscription_id: UUID, *, at: datetime = AT) -> Subscription:
    """Agree on the page of the link."""
    return subscriptions_consent.agree(
        subscription_id=subscription_id, typed=code(subscription_id), by=subscriptions_consent.PAGE, at=at
    )


def begun(line: Line, service: str = "horoscope", *, at: datetime = AT, **known: object) -> Subscription:
    """Begin a subscription as its subscriber does."""
    return agree(ask(line, service, at=at, **known), at=at)


def now(subscription_id: UUID) -> Subscription:
    """Return how it stands, with what it cost."""
    line_id = models.Subscription.objects.values_list("line_id", flat=True).get(id=subscription_id)
    return queries.subscription(subscription_id, [line_id])


def balance(line: Line) -> int:
    """Return the main balance."""
    return balances.balance(line.contract_id)


def charges(line: Line) -> list[tuple[str, int]]:
    """Return what the line was charged for subscriptions, in time order: rule and sum."""
    return billing.rows(
        f"""select rule, amount_minor from billing_charge
             where line_id = {line.id} and category = 'partner' order by booked_at, amount_minor desc"""
    )


def messages(line: Line) -> list[str]:
    """Return the templates of what was sent to the line about subscriptions, in time order."""
    return [
        row[0]
        for row in billing.rows(
            f"""select template from messaging_message
                 where recipient = '{line.number}' and template like 'subscription%%' order by created_at, id"""
        )
    ]
