"""What fees, packages, prices and ways of usage are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from abonent.domains.catalog.rules import ANY, HOME, ROAMING, Allowance, Geography, Price, TariffVersion
from abonent.domains.catalog.rules_comparison import BROUGHT, BUCKETS, Brought, Verdict, Way
from abonent.entrypoints.portal.billing.statement_words import price_unit, spoken
from abonent.web import format as formats

KBITS_IN_MBIT = 1024
KBITS_OF_A_WIRE = 1000
_KINDS: Mapping[tuple[str, str], Callable[[], str]] = {
    ("voice", "out"): lambda: _("Outgoing calls"),
    ("voice", "in"): lambda: _("Incoming calls"),
    ("voice", ""): lambda: _("Calls"),
    ("sms", "out"): lambda: pgettext("tariff", "Outgoing SMS"),
    ("sms", "in"): lambda: pgettext("tariff", "Incoming SMS"),
    ("sms", ""): lambda: "SMS",
    ("mms", "out"): lambda: pgettext("tariff", "Outgoing MMS"),
    ("mms", "in"): lambda: pgettext("tariff", "Incoming MMS"),
    ("mms", ""): lambda: "MMS",
}
_VERDICTS: Mapping[Verdict, Callable[[], str]] = {
    "better": lambda: pgettext("tariff", "Better"),
    "worse": lambda: pgettext("tariff", "Worse"),
    "same": lambda: pgettext("tariff", "The same"),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Names of destinations and zones by code, each by language."""

    destinations: Mapping[str, Mapping[str, str]]
    zones: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, geography: Geography) -> Places:
        return cls(
            {destination.code: destination.names for destination in geography.destinations},
            {zone.code: zone.names for zone in geography.zones},
        )


def name(version: TariffVersion) -> str:
    return spoken(version.names, version.tariff_code)


def fee(version: TariffVersion) -> str:
    if not version.fee_minor:
        return _("No fee")
    parts = {"sum": formats.money(version.fee_minor)}
    return _("%(sum)s a day") % parts if version.terms.fee.per == "day" else _("%(sum)s a month") % parts


def included(version: TariffVersion) -> str:
    """Return speed, channels and packages in a row: `30 GB · 800 min · 100 SMS`, `up to 500 Mbit/s`."""
    by_wire = [brought(what, amount) for what in BROUGHT if (amount := getattr(version.terms.access, what))]
    found = [allowance for bucket in BUCKETS if (allowance := version.terms.allowance(bucket))]
    if not found and not by_wire:
        return _("No packages: you pay for what you use") if version.service == "mobile" else ""
    return " · ".join([*by_wire, *(package(allowance) for allowance in found)])


def brought(what: Brought, amount: int) -> str:
    """Return a speed or a number of channels, with what it is of: `up to 500 Mbit/s`."""
    if what == "channels":
        return ngettext("%(number)s channel", "%(number)s channels", amount) % {"number": formats.number(amount)}
    said = {"speed": rate(amount)}
    return (_("up to %(speed)s") if what == "down_kbps" else _("back up to %(speed)s")) % said


def brought_name(what: Brought) -> str:
    return {"down_kbps": _("Speed to you"), "up_kbps": _("Speed from you"), "channels": _("Channels")}[what]


def rate(kbps: int) -> str:
    """Return a speed of a wire, where a megabit is a thousand kilobits."""
    if kbps % KBITS_OF_A_WIRE:
        unit = _("kbit/s")
        return f"{formats.number(kbps)}{formats.NBSP}{unit}"
    unit = _("Mbit/s")
    return f"{formats.number(kbps // KBITS_OF_A_WIRE)}{formats.NBSP}{unit}"


def package(allowance: Allowance) -> str:
    """Return how much of what: `50 GB, then at 1 Mbit/s`."""
    if allowance.amount is None:
        return {
            "data": _("Internet without limit"),
            "voice": _("Minutes without limit"),
            "sms": _("SMS without limit"),
        }[allowance.bucket]
    size = amount(allowance.bucket, allowance.amount)
    if allowance.then_kbps is None:
        return size
    return _("%(size)s, then at %(speed)s") % {"size": size, "speed": speed(allowance.then_kbps)}


def amount(bucket: str, quantity: int) -> str:
    """Return seconds, bytes or messages as people count them."""
    if bucket == "data":
        return formats.data_size(quantity)
    if bucket == "voice":
        minutes = _("min")
        return f"{formats.number(quantity // 60)}{formats.NBSP}{minutes}"
    return f"{formats.number(quantity)}{formats.NBSP}SMS"


def speed(kbps: int) -> str:
    whole = kbps % KBITS_IN_MBIT == 0
    figure = formats.number(kbps // KBITS_IN_MBIT if whole else kbps)
    unit = _("Mbit/s") if whole else _("kbit/s")
    return f"{figure}{formats.NBSP}{unit}"


def package_name(bucket: str) -> str:
    return {"data": _("Internet package"), "voice": _("Package of minutes"), "sms": _("Package of SMS")}[bucket]


def price(found: Price | None) -> str:
    """Return what a unit costs: `2.00 ₽ a minute`."""
    if found is None:
        return _("No price")
    if not found.price_minor:
        return pgettext("price", "Free")
    return for_unit(found)


def for_unit(found: Price) -> str:
    parts = {"price": formats.money(found.price_minor), "unit": price_unit(found.kind, found.unit_size)}
    return _("%(price)s for %(unit)s") % parts


def way(asked: Way, places: Places, *, beyond: bool = False) -> str:
    """Return what is used, with whom and where: `Outgoing calls · Europe · beyond the package`."""
    if asked.kind == "content":
        return spoken(places.destinations.get(asked.destination, {}), _("Other content services"))
    kind = _KINDS[asked.kind, asked.direction]() if asked.kind != "data" else _("Internet")
    parts = [kind, _destination(asked, places), _zone(asked.zone, places), _("beyond the package") if beyond else ""]
    return " · ".join(part for part in parts if part)


def way_of(found: Price) -> Way:
    """Return the way of usage that a rule answers."""
    return Way(found.kind, found.direction, found.destination, HOME if found.zone == ANY else found.zone)


def verdict(found: Verdict) -> str:
    return _VERDICTS[found]()


def _destination(asked: Way, places: Places) -> str:
    if asked.destination:
        return spoken(places.destinations.get(asked.destination, {}), asked.destination)
    return _("other numbers") if (asked.kind, asked.direction, asked.zone) == ("voice", "out", HOME) else ""


def _zone(zone: str, places: Places) -> str:
    if zone == HOME:
        return ""
    return _("other countries") if zone == ROAMING else spoken(places.zones.get(zone, {}), zone)
