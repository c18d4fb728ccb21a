"""What «Орбита» sells: invented tariffs, destinations, roaming zones and content services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Catalogue
from abonent.domains.catalog.rules import (
    AS_ALWAYS,
    HOME,
    ROAMING,
    Access,
    Allowance,
    Bucket,
    Destination,
    FeeTerms,
    Geography,
    Price,
    RollOver,
    TariffVersion,
    Terms,
    Zone,
)
from abonent.domains.catalog.words import rules as words_rules
from abonent.domains.catalog.words.rules import Word

VALID_FROM = date(2024, 1, 1)
OFFERS = Path(__file__).with_name("offers.yaml")
WORDS = Path(__file__).with_name("words.yaml")
MINUTE = 60
MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE

ON_NET = "on-net"
FREE = "free"

# A fee per day; one that waits for money and is paid from the payment on; a month that is paid by days when it must.
PER_DAY = FeeTerms(per="day")
WAITS = FeeTerms(by_days=True, shortage="wait", resumes="payment")
IN_PARTS = FeeTerms(by_days=True, shortage="daily")

DESTINATIONS = (
    Destination(ON_NET, ("+7900",), {"ru": "Абоненты «Орбиты»", "en": "Orbita subscribers"}),
    Destination("mobile-ru", ("+79",), {"ru": "Мобильные России", "en": "Russian mobiles"}),
    Destination("fixed-ru", ("+73", "+74", "+78"), {"ru": "Городские России", "en": "Russian landlines"}),
    Destination(
        "cis",
        ("+76", "+77", "+373", "+374", "+375", "+992", "+993", "+994", "+996", "+998"),
        {"ru": "Страны СНГ", "en": "CIS countries"},
    ),
    Destination("europe", ("+3", "+4"), {"ru": "Европа", "en": "Europe"}),
    Destination("world", ("+1", "+2", "+5", "+6", "+8", "+9"), {"ru": "Остальной мир", "en": "Rest of the world"}),
    Destination(
        FREE,
        ("+7800", "112", "0890", "3339", "*100#"),
        {"ru": "Бесплатные номера", "en": "Free numbers"},
    ),
)


@dataclass(frozen=True, slots=True)
class ContentService:
    """A service of a content provider: `peer` stands in usage records.

    Subscriptions come, and cost, `every` so many days; what is bought one by one has 0.
    """

    code: str
    peer: str
    name_en: str
    price_minor: int
    every: int = 1


CONTENT = (
    ContentService("content-horoscope", "Гороскоп на день", "Daily horoscope", 390),
    ContentService("content-tunes", "Мелодия вместо гудка", "Ringback tunes", 350),
    ContentService("content-jokes", "Клуб весёлых историй", "Funny stories club", 1500, every=3),
    ContentService("content-english", "Слово дня по-английски", "English word of the day", 1800, every=3),
    ContentService("content-fitness", "Зарядка с Кометой", "Comet workouts", 5500, every=7),
    ContentService("content-game", "Игра «Звёздный порт»", "Starport game", 4900, every=0),
    ContentService("content-film", "Кино на вечер", "Film for the evening", 19900, every=0),
    ContentService("content-match", "Матч в прямом эфире", "Live match", 9900, every=0),
)


@dataclass(frozen=True, slots=True)
class ZonePrices:
    """A roaming zone and its prices: minutes out and in, a message, a megabyte."""

    code: str
    names: Mapping[str, str]
    minute_out: int
    minute_in: int
    sms: int
    megabyte: int


ZONES = (
    ZonePrices("by", {"ru": "Беларусь", "en": "Belarus"}, 900, 400, 500, 300),
    ZonePrices("kz", {"ru": "Казахстан", "en": "Kazakhstan"}, 1200, 500, 600, 400),
    ZonePrices("tr", {"ru": "Турция", "en": "Türkiye"}, 2500, 1500, 900, 700),
    ZonePrices("eu", {"ru": "Европа", "en": "Europe"}, 3500, 2000, 1200, 900),
    ZonePrices("world", {"ru": "Остальной мир", "en": "Rest of the world"}, 6500, 3500, 1900, 1500),
)

ABROAD_MINUTE = {"cis": 1500, "europe": 3500, "world": 5900}
MMS_MINOR = 990


# What is said of each tariff where it is offered.
ABOUT = {
    "svobodny": (
        "На каждый день: хватает на звонки, карты и видео",
        "For every day: enough to call, find the way and watch",
    ),
    "legky": (
        "Для тех, кто звонит понемногу и сидит в мессенджерах",
        "For who calls a little and writes in messengers",
    ),
    "prostor": ("Когда телефон — рабочий инструмент", "When the phone is what you work with"),
    "bez-kraya": (
        "Ничего не считать: всё внутри страны без ограничений",
        "Nothing to count: all at home without limit",
    ),
    "dreyf": (
        "Интернет не кончается: после пакета — медленнее и без доплаты",
        "The internet does not end: after the package it is slower, at no charge",
    ),
    "poputny": ("Сколько поговорили, столько и заплатили", "For who rarely calls: a day of silence costs nothing"),
    "parus": ("Для планшета или модема: только интернет", "For a tablet or a modem: internet alone"),
    "mayak": ("Для дома и дачи: интернет без ограничений", "For a house or a cottage: internet without limit"),
    "buy": ("Для ноутбука в поездках: плата за день", "For a laptop on the way: paid by the day"),
    "zabota": ("Для старших: простые цены и немного интернета", "For the elderly: plain prices and a little internet"),
    "svetlyachok": ("Для ребёнка: звонки близким и мессенджеры", "For a child: calls to the family and messengers"),
    "iskorka": ("Для часов и трекера: по чуть-чуть каждый день", "For a watch or a tracker: a little every day"),
    "sputnik-app": (
        "Второй номер в приложении, без второй SIM-карты",
        "A second number in an app, without a second SIM",
    ),
    "rassvet": ("Для тех, кто пишет SMS", "For who writes SMS"),
    "dom-100": ("Домашний интернет до 100 Мбит/с", "Home internet of up to 100 Mbit/s"),
    "dom-500": ("Домашний интернет до 500 Мбит/с", "Home internet of up to 500 Mbit/s"),
    "ekran": ("Телевидение: 120 каналов", "TV: 120 channels"),
    "ekran-kino": ("Телевидение: 120 каналов и ещё 25 с кино", "TV: 120 channels and 25 more with films"),
    "nebo": ("Спутниковое телевидение: 90 каналов", "Satellite TV: 90 channels"),
    "nebo-zvezdy": (
        "Спутниковое ТВ: 160 каналов, кино и спорт",
        "Satellite TV: 160 channels, films and sport",
    ),
}
# Who has it keeps it; to others it is not sold any more.
SOLD_UNTIL = {"rassvet": date(2025, 2, 1)}


def geography() -> Geography:
    """Return every destination, content services among them, and every roaming zone."""
    content = tuple(
        Destination(service.code, (service.peer,), {"ru": service.peer, "en": service.name_en}, content=True)
        for service in CONTENT
    )
    return Geography(DESTINATIONS + content, tuple(Zone(zone.code, zone.names) for zone in ZONES))


def offers() -> Catalogue:
    """Return the services that are sold beside tariffs."""
    return offers_yaml.read(OFFERS.read_text())


def words() -> tuple[Word, ...]:
    """Return by which words people ask for all that from their phones."""
    return words_rules.read(WORDS.read_text())


def tariffs() -> tuple[TariffVersion, ...]:
    """Return every tariff in its first version, ids not yet given."""
    return (
        _mobile("svobodny", "phone", ("Свободный", "Free Flight"), 65000, minutes=800, gigabytes=30, sms=100),
        _mobile("legky", "phone", ("Лёгкий", "Feather"), 39000, minutes=300, gigabytes=8, sms=50),
        _mobile("prostor", "phone", ("Простор", "Open Sky"), 99000, minutes=1500, gigabytes=60, sms=300),
        _mobile("bez-kraya", "phone", ("Без края", "Endless"), 149000, minutes=None, gigabytes=None, sms=None),
        _mobile("dreyf", "phone", ("Дрейф", "Drift"), 79000, minutes=1000, gigabytes=50, sms=100, then_kbps=1024),
        _mobile("poputny", "phone", ("Попутный", "As You Go"), 0, minute=220, on_net=120, piece=200, megabyte=200),
        _mobile("parus", "computer", ("Парус", "Sail"), 45000, gigabytes=40, sms=0, minute=300),
        _mobile("mayak", "computer", ("Маяк", "Lighthouse"), 89000, gigabytes=None, sms=0, minute=300, fee=IN_PARTS),
        _mobile("buy", "computer", ("Буй", "Buoy"), 1500, gigabytes=15, sms=0, minute=300, megabyte=50, fee=PER_DAY),
        _mobile("zabota", "special", ("Забота", "Care"), 29000, minutes=400, gigabytes=3, sms=50),
        _mobile("svetlyachok", "special", ("Светлячок", "Firefly"), 35000, minutes=300, gigabytes=12, sms=50, rolls=6),
        _mobile("iskorka", "special", ("Искорка", "Spark"), 400, minutes=60, gigabytes=1, sms=20, fee=PER_DAY),
        _mobile(
            "sputnik-app", "special", ("Номер в приложении", "Number in an App"), 19000, minutes=300, sms=0, fee=WAITS
        ),
        _mobile("rassvet", "phone", ("Рассвет", "Daybreak"), 45000, minutes=350, gigabytes=5, sms=350, piece=100),
        _fixed("dom-100", "internet", ("Дом 100", "Home 100"), 55000, Access(100_000, 100_000)),
        _fixed("dom-500", "internet", ("Дом 500", "Home 500"), 79000, Access(500_000, 200_000)),
        _fixed("ekran", "tv", ("Экран", "Screen"), 35000, Access(channels=120)),
        _fixed("ekran-kino", "tv", ("Экран и кино", "Screen and Films"), 59000, Access(channels=145)),
        _fixed("nebo", "satellite", ("Небо", "Wide Sky"), 29000, Access(channels=90)),
        _fixed("nebo-zvezdy", "satellite", ("Небо и звёзды", "Sky and Stars"), 45000, Access(channels=160)),
    )


def _version(
    code: str, service: str, category: str, names: tuple[str, str], fee_minor: int, terms: Terms
) -> TariffVersion:
    return TariffVersion(code, service, category, {"ru": names[0], "en": names[1]}, VALID_FROM, fee_minor, terms)


def _mobile(
    code: str,
    category: str,
    names: tuple[str, str],
    fee_minor: int,
    *,
    minutes: int | None = 0,
    gigabytes: int | None = 0,
    sms: int | None = 0,
    minute: int = 200,
    on_net: int | None = None,
    piece: int = 250,
    megabyte: int = 10,
    then_kbps: int | None = None,
    rolls: int = 0,
    fee: FeeTerms = AS_ALWAYS,
) -> TariffVersion:
    """Return a mobile tariff: what is included (0: nothing, None: without limit) and the prices beyond.

    What usage at home takes from is told also where the tariff includes none of it: a package may. With `then_kbps`
    data goes on at that speed and costs nothing; of data that is left so many gigabytes go on, once: `rolls`.
    """
    given: tuple[tuple[Bucket, int | None, int], ...] = (
        ("voice", minutes, MINUTE),
        ("data", gigabytes, GIGABYTE),
        ("sms", sms, 1),
    )
    goes_on = RollOver(1, rolls * GIGABYTE) if rolls else None
    of_data = {"data": (then_kbps, goes_on)}
    allowances = tuple(
        Allowance(bucket, None if amount is None else amount * size, *of_data.get(bucket, ()))
        for bucket, amount, size in given
        if amount != 0
    )
    prices = (
        *_calls_at_home(minute, minute if on_net is None else on_net, "voice"),
        Price("sms-home", "sms", "out", piece, zone=HOME, bucket="sms"),
        Price("sms-in", "sms", "in", 0),
        Price("mms-out", "mms", "out", MMS_MINOR),
        Price("mms-in", "mms", "in", 0),
        Price("data-home", "data", "", 0 if then_kbps else megabyte, MEGABYTE, zone=HOME, bucket="data"),
        *_roaming(),
        *_content(),
    )
    return _version(code, "mobile", category, names, fee_minor, Terms(allowances, prices, fee))


def _calls_at_home(minute: int, on_net: int, bucket: Bucket | None) -> Iterator[Price]:
    yield Price("voice-on-net", "voice", "out", on_net, MINUTE, ON_NET, HOME, bucket)
    yield Price("voice-mobile-ru", "voice", "out", minute, MINUTE, "mobile-ru", HOME, bucket)
    yield Price("voice-fixed-ru", "voice", "out", minute, MINUTE, "fixed-ru", HOME, bucket)
    for destination, price in ABROAD_MINUTE.items():
        yield Price(f"voice-{destination}", "voice", "out", price, MINUTE, destination, HOME)
    yield Price("voice-elsewhere", "voice", "out", ABROAD_MINUTE["world"], MINUTE, zone=HOME)
    yield Price("voice-in", "voice", "in", 0, MINUTE, zone=HOME)
    # Free in every zone: an exact destination goes before any zone.
    yield Price("voice-free", "voice", "out", 0, MINUTE, FREE)
    yield Price("sms-free", "sms", "out", 0, 1, FREE)


def _roaming() -> Iterator[Price]:
    for zone in ZONES:
        # The last zone's prices also answer a zone nobody has named yet.
        code = ROAMING if zone.code == "world" else zone.code
        yield Price(f"voice-out-{zone.code}", "voice", "out", zone.minute_out, MINUTE, zone=code)
        yield Price(f"voice-in-{zone.code}", "voice", "in", zone.minute_in, MINUTE, zone=code)
        yield Price(f"sms-out-{zone.code}", "sms", "out", zone.sms, zone=code)
        yield Price(f"data-{zone.code}", "data", "", zone.megabyte, MEGABYTE, zone=code)


def _content(*codes: str) -> Iterator[Price]:
    """Yield what content services cost, all or those named; what no rule names is free of charge."""
    for service in (one for one in CONTENT if not codes or one.code in codes):
        yield Price(service.code, "content", "", service.price_minor, destination=service.code)
    yield Price("content-unknown", "content", "", 0)


def _fixed(
    code: str, service: str, names: tuple[str, str], fee_minor: int, access: Access
) -> TariffVersion:  # fmt: skip
    """Return a home-internet, TV or satellite tariff: data without limit, nothing else costs but films."""
    allowances = (Allowance("data", None),) if service == "internet" else ()
    bucket: Bucket | None = "data" if service == "internet" else None
    prices = (
        Price("voice", "voice", "", 0, MINUTE),
        Price("sms", "sms", "", 0),
        Price("mms", "mms", "", 0),
        Price("data", "data", "", 0, MEGABYTE, bucket=bucket),
        *_content(*(("content-film", "content-match") if service == "tv" else ("content-unknown",))),
    )
    return _version(code, service, "fixed", names, fee_minor, Terms(allowances, prices, access=access))
