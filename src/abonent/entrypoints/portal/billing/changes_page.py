"""Changes of prices in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.billing.changes.queries import Change, PriceRule
from abonent.domains.billing.changes.rules import FEE, Difference, Side
from abonent.domains.catalog.rules import HOME, ROAMING, Geography
from abonent.entrypoints.portal.billing import statement_words
from abonent.entrypoints.portal.billing.statement_words import spoken
from abonent.entrypoints.portal.billing.words import price_address
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Names:
    """What destinations and zones are called, by code and language."""

    destinations: Mapping[str, Mapping[str, str]]
    zones: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, geography: Geography) -> Self:
        return cls(
            {one.code: one.names for one in geography.destinations}, {one.code: one.names for one in geography.zones}
        )


@dataclass(frozen=True, slots=True)
class Sum:
    """One side of a row; `address` explains it, empty where there is nothing to explain."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """What was one thing and becomes another."""

    what: str
    was: Sum
    becomes: Sum


@dataclass(frozen=True, slots=True)
class Section:
    """A change of a line: `badge` says that it is still to come; the first `rows` are shown, the `more` behind.

    `becomes` is what the new side is called.
    """

    title: str
    badge: str
    becomes: str
    about: str
    why: str
    told: str
    rows: list[Row]
    more: list[Row]


@dataclass(frozen=True, slots=True)
class PricePage:
    """A price with what it is: `taken` are when, how much, and where that sum is explained."""

    title: str
    sum: str
    why: str
    facts: list[tuple[str, str]]
    taken: list[tuple[str, str, str]]


ROWS_SHOWN = 8


def change(found: Change, names: Names, at: datetime) -> Section:
    """Return a change in words."""
    rows = [_row(found, one, names) for one in found.differences]
    coming = found.since > at
    tariff, old = (spoken(one.names, one.tariff_code) for one in (found.new, found.old))
    about = _("Tariff “%(tariff)s”") % {"tariff": tariff}
    if found.is_other_tariff:
        about = _("Tariff “%(new)s” instead of “%(old)s”") % {"new": tariff, "old": old}
    return Section(
        title=_("From %(day)s") % {"day": formats.day(found.since, year=True)},
        badge=_("To come") if coming else "",
        becomes=_("It becomes") if coming else _("It is now"),
        about=about,
        why=_why(found.why, other=found.is_other_tariff),
        told=_("We told you by SMS on %(day)s.") % {"day": formats.day(found.told_at)} if found.told_at else "",
        rows=rows[:ROWS_SHOWN],
        more=rows[ROWS_SHOWN:],
    )


def price(found: PriceRule, names: Names, at: datetime) -> PricePage:
    """Return a price in words."""
    version, one = found.version, found.price
    if one is None:
        what, text = _("Tariff fee"), _fee(version.fee_minor, version.terms.fee.per)
    else:
        what = _what(one.kind, one.direction, one.destination, one.zone, names)
        text = _price(one.kind, one.price_minor, one.unit_size)
    until = formats.day(found.until, year=True) if found.until else ""
    facts = [
        (_("Tariff"), spoken(version.names, version.tariff_code)),
        (_("Rule of the tariff"), one.code if one else ""),
        (_("Price"), text),
        (_("Before it costs"), _("what is left of the package") if one and one.bucket else ""),
        (_("Terms in force since"), formats.day(version.valid_from, year=True)),
        (
            _("For you since") if found.since <= at else _("For you from"),
            formats.day(found.since, year=True),
        ),
        (_("For you until"), until),
    ]
    taken = [
        (formats.moment(charge.at), formats.money(charge.amount_minor), f"/statement/charge/{charge.charge_id}/")
        for charge in found.taken
    ]
    return PricePage(what, text, _why(found.why, other=False), [fact for fact in facts if fact[1]], taken)  # fmt: skip


def _why(why: Mapping[str, str], *, other: bool) -> str:
    if other:
        return _("You have another tariff.")
    return why.get(get_language() or "") or next(iter(why.values()), "")


def _row(found: Change, one: Difference, names: Names) -> Row:
    if one.what == "fee":
        return Row(
            _("Tariff fee"),
            Sum(_fee(one.was.amount or 0, one.was.per), price_address(found.old.id, FEE)),
            Sum(_fee(one.becomes.amount or 0, one.becomes.per), price_address(found.new.id, FEE)),
        )
    if one.what == "allowance":
        what = {"voice": _("Minutes in the package"), "data": _("Internet in the package")}.get(one.kind) or _(
            "SMS in the package"
        )
        return Row(what, Sum(_amount(one.kind, one.was), ""), Sum(_amount(one.kind, one.becomes), ""))
    was, becomes = (
        Sum(
            _price(one.kind, side.amount or 0, side.unit_size, included=_says(one, side)),
            price_address(version.id, side.rule),
        )
        for side, version in ((one.was, found.old), (one.becomes, found.new))
    )
    return Row(_what(one.kind, one.direction, one.destination, one.zone, names), was, becomes)


def _says(one: Difference, side: Side) -> bool:
    """Return whether it is to be said that a package is used up first: where that differs."""
    return side.included and one.was.included != one.becomes.included


def _fee(minor: int, per: str) -> str:
    return (_("%(sum)s a day") if per == "day" else _("%(sum)s a month")) % {"sum": formats.money(minor)}


def _price(kind: str, minor: int, unit_size: int, *, included: bool = False) -> str:
    text = _("%(price)s for %(unit)s") % {
        "price": formats.money(minor), "unit": statement_words.price_unit(kind, unit_size)
    }  # fmt: skip
    return _("%(price)s after the package") % {"price": text} if included else text


def _amount(kind: str, side: Side) -> str:
    if side.amount is None:
        return _("Unlimited")
    if kind == "data":
        return formats.data_size(side.amount)
    if kind == "voice":
        return str(formats.Quantity(formats.number(side.amount // 60), _("min")))
    return _("%(number)s pcs") % {"number": formats.number(side.amount)}


def _what(kind: str, direction: str, destination: str, zone: str, names: Names) -> str:
    """Return which usage is meant: an outgoing call, to whom, where from."""
    titles = statement_words.titles()
    title = titles.get((kind, direction)) or {"voice": _("Calls"), "sms": "SMS", "mms": "MMS"}.get(kind, kind)
    where = "" if zone in ("", HOME) else _("Roaming") if zone == ROAMING else spoken(names.zones.get(zone, {}), zone)
    whom = spoken(names.destinations.get(destination, {}), destination)
    return " · ".join(part for part in (title, whom, where) if part)
