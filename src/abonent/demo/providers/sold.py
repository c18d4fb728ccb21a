"""What the providers of «Орбита» sell, and subscriptions that some of the first subscribers have from the start."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from abonent.demo.people import World, number_of
from abonent.domains.catalog.providers import actions as providers
from abonent.domains.catalog.providers.rules import Provider, Service
from abonent.domains.lines import queries as lines
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions.asking import CALLBACK, Refused, Wish
from abonent.domains.orders.subscriptions.queries import Subscription
from abonent.domains.orders.subscriptions.rules import State, Why

VALID_FROM = date(2024, 1, 1)
NAUGHTY = "megawin"
PROVIDERS = (
    Provider(
        "starlight", {"ru": "Звёздный свет", "en": "Starlight"}, "127000, Москва, а/я 17", "3301", "8 800 000-00-11",
        (
            Service("horoscope", {"ru": "Гороскоп лично для вас", "en": "Your horoscope"}, 500, "day", ("гороскоп",)),
            Service("dreams", {"ru": "Сонник", "en": "Dreams explained"}, 9_900, "month", ("сон",)),
        ),
        VALID_FROM, "https://starlight.example/abonent",
    ),
    Provider(
        "kinobox", {"ru": "Кинобокс", "en": "Kinobox"}, "190000, Санкт-Петербург, а/я 5", "3302", "8 800 000-00-12",
        (Service("evening", {"ru": "Фильм на выходные", "en": "A film for the weekend"}, 7_900, "week", ("кино",)),),
        VALID_FROM, "https://kinobox.example/abonent",
    ),
    Provider(
        NAUGHTY, {"ru": "Мегавыигрыш", "en": "Megawin"}, "101000, Москва, а/я 13", "3313", "8 800 000-00-13",
        (Service("draw", {"ru": "Розыгрыш каждый день", "en": "A draw every day"}, 2_900, "day", ("приз",)),),
        VALID_FROM, "https://megawin.example/abonent",
    ),
)  # fmt: skip
# Place of the number, provider, service, how many days ago it was agreed to, what came of it.
STORIES = (
    (0, "starlight", "horoscope", 6, ""),
    (0, "kinobox", "evening", 3, ""),
    (0, "starlight", "dreams", 4, "stopped"),
    (3, "kinobox", "evening", 5, ""),
    *((place, NAUGHTY, "draw", 2, "disputed" if place < 8 else "") for place in range(4, 12)),
)


def publish() -> None:
    """Put the providers in force; what is there already stays."""
    for provider in PROVIDERS:
        providers.publish(provider)


def subscribe(world: World) -> None:
    """Begin the subscriptions, and let the days since go by; the same again changes nothing."""
    longest = max(ago for _, _, _, ago, _ in STORIES)
    for days in range(longest, -1, -1):
        at = world.now - timedelta(days=days)
        for story in STORIES:
            place, provider, service, ago, end = story
            if ago == days and place < world.subscribers and days < world.days:
                _begin(world, number_of(place), provider, service, end, at)
        subscriptions.charge_due(at=at)


def _begin(world: World, number: str, provider: str, service: str, end: str, at: datetime) -> None:
    sold = next(one for one in PROVIDERS if one.code == provider).service(service)
    line = lines.served_by_number(number)
    if line is None or sold is None or line.opened_at > at:
        return
    external_id = f"{world.seed}-{number}-{service}"
    wish = Wish(provider, external_id, number, service, sold.price_minor, sold.per, CALLBACK)
    try:
        one = subscriptions_asking.ask(wish=wish, at=at)
    except Refused:
        # The number is blocked by another story of the demo.
        return
    if one.state is State.ASKED:
        _agree(one, end, line.id, at)


def _agree(one: Subscription, end: str, line_id: int, at: datetime) -> None:
    code = subscriptions_consent.code_to_deliver(str(one.id), at) or ""
    subscriptions_consent.agree(subscription_id=one.id, typed=code, by=subscriptions_consent.PAGE, at=at)
    later = at + timedelta(hours=3)
    if end == "stopped":
        subscriptions.stop(subscription_id=one.id, line_ids=[line_id], why=Why.OWNER, by="owner", at=later)
    elif end == "disputed":
        subscriptions.dispute(subscription_id=one.id, line_ids=[line_id], at=later)
