"""A small catalogue: two tariffs whose rules meet every case of rating, and the world they speak of."""

from __future__ import annotations

from datetime import date

from abonent.demo import catalogue
from abonent.domains.catalog import actions
from abonent.domains.catalog.rules import Allowance, Destination, Geography, Price, TariffVersion, Terms, Zone

MIB = 1024 * 1024

GEOGRAPHY = Geography(
    (
        Destination("own", ("+7900",), {"ru": "Наша сеть", "en": "Our network"}),
        Destination("russia", ("+7", "8800", "112"), {"ru": "Россия", "en": "Russia"}),
        Destination("kazakhstan", ("+77", "+76"), {"ru": "Казахстан", "en": "Kazakhstan"}),
        Destination("horoscope", ("4040", "Гороскоп"), {"ru": "Гороскоп", "en": "Horoscope"}, content=True),
    ),
    (
        Zone("cis", {"ru": "СНГ", "en": "CIS"}),
        Zone("sea", {"ru": "В море", "en": "At sea"}),
    ),
)

# Allowances small enough to be used up by a few records.
PRICES = (
    Price("call", "voice", "out", 180, 60, bucket="voice"),
    Price("call-own", "voice", "out", 0, 60, destination="own", zone="home"),
    Price("call-kazakhstan", "voice", "out", 1200, 60, destination="kazakhstan", zone="home"),
    Price("answer", "voice", "in", 0, 60),
    Price("roaming-out", "voice", "out", 5900, 60, zone="roaming"),
    Price("roaming-in", "voice", "in", 1900, 60, zone="roaming"),
    Price("sea-out", "voice", "out", 25000, 1, zone="sea"),
    Price("sms", "sms", "out", 250, bucket="sms"),
    Price("sms-in", "sms", "in", 0),
    Price("mms", "mms", "out", 900, bucket="sms"),
    Price("mms-in", "mms", "in", 0),
    Price("data", "data", "", 15, 100 * 1024, bucket="data"),
    Price("data-roaming", "data", "", 990, MIB, zone="roaming"),
    Price("content", "content", "", 1500),
    Price("horoscope", "content", "", 3000, destination="horoscope"),
)
SMALL = TariffVersion(
    "small", "mobile", "phone", {"ru": "Малый", "en": "Small"}, date(2024, 1, 1), 30_000,
    Terms((Allowance("voice", 600), Allowance("data", 5 * MIB), Allowance("sms", 3)), PRICES),
)  # fmt: skip
# Data without limit, no allowance for messages, calls by the second.
LARGE = TariffVersion(
    "large", "mobile", "phone", {"ru": "Большой", "en": "Large"}, date(2024, 1, 1), 90_000,
    Terms(
        (Allowance("voice", 1000), Allowance("data", None)),
        tuple(p if p.code != "call" else Price("call", "voice", "out", 3, 1, bucket="voice") for p in PRICES),
    ),
)  # fmt: skip


def geography() -> None:
    """Store `GEOGRAPHY`."""
    actions.set_geography(GEOGRAPHY)


def small() -> int:
    """Store `SMALL`, with the world it speaks of, and return its id."""
    geography()
    return actions.publish(SMALL)


def large() -> int:
    """Store `LARGE`, with the world it speaks of, and return its id."""
    geography()
    return actions.publish(LARGE)


def of_the_demo(code: str) -> int:
    """Store a tariff of the fictional operator, with its world, and return its id."""
    actions.set_geography(catalogue.geography())
    return actions.publish(next(version for version in catalogue.tariffs() if version.tariff_code == code))
