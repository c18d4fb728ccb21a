"""What the parts of a statement are called, on the page and in the files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import get_language, gettext

from abonent.domains.billing.rules import CATEGORIES
from abonent.domains.billing.statement.reading import Names
from abonent.domains.billing.statement.rules import MONTHS_KEPT, SEARCH_MAX, SEARCH_MIN, TYPES, Entry, earliest_day
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.billing.words import (
    category_name,
    correction_title,
    method_name,
    statement_type,
    transfer_peer,
)
from abonent.web import format as formats
from abonent.web.words import correction_reason

ICONS = {
    "voice": "call",
    "sms": "message",
    "mms": "message",
    "data": "internet",
    "content": "content",
    "fee": "fee",
    "promised": "fee",
    "service": "fee",
    "equipment": "fee",
    "partner": "content",
    "payment": "wallet",
    "transfer": "outgoing",
    "correction": "fee",
}


def types() -> dict[str, str]:
    """Return the name of each type of entries, in the order of the page."""
    # The first of those that share a type gives it its name.
    categories = {statement_type(category): category_name(category) for category in reversed(CATEGORIES)}
    return {type_: categories.get(type_) or gettext("Top-ups") for type_ in TYPES}


def titles() -> dict[tuple[str, str], str]:
    """Return what happened, by kind and direction."""
    words = {
        ("voice", "out"): gettext("Outgoing call"),
        ("voice", "in"): gettext("Incoming call"),
        ("sms", "out"): gettext("Outgoing SMS"),
        ("sms", "in"): gettext("Incoming SMS"),
        ("mms", "out"): gettext("Outgoing MMS"),
        ("mms", "in"): gettext("Incoming MMS"),
        ("promised", ""): category_name("promised"),
        ("fee", ""): gettext("Tariff fee"),
        ("fee", "in"): gettext("Fee given back"),
        ("service", ""): gettext("Service"),
        ("equipment", ""): category_name("equipment"),
        ("service", "in"): gettext("Fee given back"),
        ("partner", ""): gettext("Subscription of a partner"),
        ("partner", "in"): gettext("Subscription: days given back"),
        ("payment", "in"): gettext("Top-up"),
        ("payment", "out"): gettext("Given back"),
        ("correction", ""): correction_title(-1),
        ("correction", "in"): correction_title(1),
        ("transfer", "out"): gettext("Transfer to a subscriber"),
        ("transfer", ""): gettext("Transfer to a subscriber"),
    }
    for direction in ("out", "in", ""):
        words[("data", direction)] = gettext("Internet")
        words[("content", direction)] = gettext("Content service")
    return words


def place(entry_zone: str, names: Names) -> str:
    """Return the country or zone abroad; nothing at home."""
    if entry_zone in ("", "home"):
        return ""
    return spoken(names.zones.get(entry_zone, {}), entry_zone)


def party(entry: Entry, names: Names) -> str:
    """Return with whom or what: a number, a service, a tariff, a means of payment."""
    return named(entry.kind, entry.peer, entry.detail, entry.tariff_version_id, names)


def named(kind: str, peer: str, detail: str, tariff_version_id: int | None, names: Names) -> str:
    """As `party`, of the parts of an entry that it depends on."""
    if kind == "fee":
        tariff = spoken(names.tariffs.get(tariff_version_id or 0, {}), "")
        told = gettext("Tariff “%(name)s”") % {"name": tariff} if tariff else ""
        return ", ".join(part for part in (told, fee_days(detail)) if part)
    if kind == "service":
        return ", ".join(part for part in (spoken(names.services.get(peer, {}), peer), fee_days(detail)) if part)
    if kind == "equipment":
        return peer
    if kind == "payment":
        return " ".join(part for part in (method_name(detail), peer) if part)
    if kind == "transfer":
        return transfer_peer(detail, peer)
    if kind == "correction":
        return correction_reason(detail)
    if kind in ("content", "partner"):
        return spoken(names.services.get(peer, {}), peer)
    return formats.phone(peer)


def fee_days(detail: str) -> str:
    """Return for how many days of a period a fee is, of what an entry says of it: `12/31`."""
    days, _, whole = detail.partition("/")
    return fees_words.of_days(int(days), int(whole)) if whole else ""


def quantity(kind: str, amount: int) -> str:
    """Return how long, how much or how many; nothing where one is meant anyway."""
    if kind == "voice":
        return formats.duration(amount)
    if kind == "data":
        return formats.data_size(amount)
    if kind in ("fee", "service", "payment", "transfer", "correction", "partner", "equipment") or amount == 1:
        return ""
    return gettext("%(number)s pcs") % {"number": formats.number(amount)}


def price_unit(kind: str, unit_size: int) -> str:
    """Return what one begun unit is: a minute, 10 MB, a piece."""
    if kind == "voice" and unit_size == 60:
        return gettext("a minute")
    if kind in ("voice", "data"):
        return quantity(kind, unit_size)
    return {"fee": gettext("a month"), "content": gettext("a time")}.get(kind) or gettext("a piece")


def problem(code: str, today: date) -> str:
    """Return what to do about a filter that cannot be understood."""
    earliest = f"{earliest_day(today):%d.%m.%Y}"
    return {
        "day_unreadable": gettext("Enter the day as %(example)s") % {"example": f"{today:%d.%m.%Y}"},
        "day_unreal": gettext("There is no such day in the calendar"),
        "day_too_early": gettext("The statement is kept for %(number)s months: choose a day from %(day)s on")
        % {"number": MONTHS_KEPT, "day": earliest},
        "day_in_future": gettext("This day has not come yet: choose one up to %(day)s") % {"day": f"{today:%d.%m.%Y}"},
        "days_reversed": gettext("The last day is before the first: swap them"),
        "type_unknown": gettext("Choose from the types on this page"),
        "search_too_short": gettext("Enter at least %(number)s digits or letters") % {"number": SEARCH_MIN},
        "search_too_long": gettext("Enter a number or name of up to %(number)s characters") % {"number": SEARCH_MAX},
    }[code]


def presets() -> dict[str, str]:
    return {
        "today": gettext("Today"),
        "week": gettext("7 days"),
        "month": gettext("This month"),
        "previous_month": gettext("Last month"),
        "all": gettext("%(number)s months") % {"number": MONTHS_KEPT},
    }


def day_heading(day: date, today: date) -> str:
    if day == today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    return formats.day(day)


def spoken(names: Mapping[str, str], otherwise: str) -> str:
    """Return the name in the language of the page."""
    return names.get(get_language() or "") or otherwise
