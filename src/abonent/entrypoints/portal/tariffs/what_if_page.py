"""What one would have paid, as the words and numbers of its pages. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.fees.rules import DAY, Fee
from abonent.domains.billing.queries_what_if import BEST, Explained, WhatIf
from abonent.domains.billing.rating.what_if import Cost, Item
from abonent.domains.billing.rules import CATEGORIES
from abonent.domains.catalog.rules import Offered, TariffVersion
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.billing.statement_words import quantity
from abonent.entrypoints.portal.billing.words import category_name
from abonent.entrypoints.portal.tariffs import words
from abonent.entrypoints.portal.tariffs.words import Places
from abonent.web import format as formats

_BUCKETS = {"calls": "voice", "internet": "data", "messages": "sms"}


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff with what it would have cost.

    `months` are its months with and without the year, the sum, the address of the explanation (empty: there is none).
    `tone` is the class of the sign beside the difference, which `short` says in two words and `difference` in full.
    """

    name: str
    address: str
    own: bool
    fee: str
    total: str
    months: list[tuple[str, str, str, str]]
    difference: str
    short: str
    tone: str
    unrated: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows, as text."""

    span: str
    total: formats.MoneyParts
    paid: list[tuple[str, str]]
    paid_total: str
    served_since: str
    records: str
    recounting: bool
    advice: str
    best: list[Tariff]
    tariffs: list[Tariff]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an explanation."""

    what: str
    times: str
    used: str
    included: str
    formula: str
    sum: str


@dataclass(frozen=True, slots=True)
class MonthPage:
    """Everything the page of a month shows, as text."""

    tariff: str
    address: str
    month: str
    fees: list[tuple[str, str, str]]
    rows: list[Row]
    unrated: str
    since: str
    total: str


def compared(found: WhatIf, offered: Offered, line: Line) -> Page:
    """Return the page for the line, whose tariff is `offered.own`."""
    months = found.window.months
    opened = timezone.localdate(line.opened_at)
    tariffs = [_tariff(cost, found, offered) for cost in found.costs]
    names = [_named(month) for month in months]
    return Page(
        span=names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}",
        total=formats.money_parts(found.paid.total_minor),
        paid=[
            (name.capitalize(), formats.money(sum_)) for name, sum_ in zip(names, found.paid.months_minor, strict=True)
        ],
        paid_total=formats.money(found.paid.total_minor),
        served_since=formats.day(opened, year=True) if opened > months[0] else "",
        records=ngettext("%(number)s record of use", "%(number)s records of use", found.records)
        % {"number": formats.number(found.records)},
        recounting=found.paid.recounting,
        advice=_advice(found, offered),
        best=[tariff for tariff in tariffs[:BEST] if not tariff.unrated],
        tariffs=tariffs,
    )


def explained(found: Explained, version: TariffVersion, places: Places) -> MonthPage:
    """Return the page of one month."""
    return MonthPage(
        tariff=words.name(version),
        address=f"/tariffs/{version.tariff_code}/",
        month=_named(found.month),
        fees=list(_fees(found.fees)),
        rows=[_row(item, places) for item in found.items],
        unrated=_unrated(found.unrated),
        since=formats.day(found.since) if found.since < found.month else "",
        total=formats.money(found.total_minor),
    )


def _tariff(cost: Cost, found: WhatIf, offered: Offered) -> Tariff:
    version = cost.version
    own = version.id == offered.own.version.id
    shown = offered.find(version.tariff_code)
    # Terms of one's own that are sold no more under that name have no page: the sums stand alone.
    address = f"/tariffs/{version.tariff_code}/" if shown and shown.version.id == version.id else ""
    months = [
        (
            _named(month),
            formats.month(month).capitalize(),
            formats.money(sum_),
            f"/tariffs/compare/{version.tariff_code}/{month:%Y-%m}/" if address else "",
        )
        for month, sum_ in zip(found.window.months, cost.months_minor, strict=True)
    ]
    return Tariff(
        words.name(version),
        address,
        own,
        words.fee(version),
        formats.money(cost.total_minor),
        months,
        *_difference(cost.total_minor - found.paid.total_minor),
        _unrated(cost.unrated),
        _reasons(cost, found.reasons.get(version.id or 0, []), len(found.window.months)),
    )


def _difference(minor: int) -> tuple[str, str, str]:
    if not minor:
        return _("As much as you paid"), _("as much"), "gone"
    parts = {"sum": formats.money(abs(minor))}
    if minor < 0:
        return _("%(sum)s less than you paid") % parts, _("%(sum)s less") % parts, "done"
    return _("%(sum)s more than you paid") % parts, _("%(sum)s more") % parts, "late"


def _advice(found: WhatIf, offered: Offered) -> str:
    """Return the answer in a sentence."""
    best = found.costs[0]
    saved = found.paid.total_minor - best.total_minor
    if best.unrated or saved <= 0 or best.version.id == offered.own.version.id:
        return _("No tariff on sale would have cost you less than what you paid.")
    return _("With “%(tariff)s” you would have paid %(sum)s less.") % {
        "tariff": words.name(best.version),
        "sum": formats.money(saved),
    }


def _reasons(cost: Cost, items: Sequence[Item], months: int) -> list[str]:
    """Return how a tariff comes to its sum: the fee, and each kind of use with what the package held of it."""
    if not items and not cost.total_minor:
        return []
    told = [_("Fee: %(sum)s in all") % {"sum": formats.money(sum(cost.fees_minor))}] if sum(cost.fees_minor) else []
    for category in CATEGORIES:
        of_category = [item for item in items if item.category == category]
        counted = [item for item in of_category if item.price.bucket or item.price.price_minor]
        used = sum(item.included + item.billed_units * item.price.unit_size for item in counted)
        if used:
            told.append(_reason(category, used, counted, months))
    return told


def _reason(category: str, used: int, items: Sequence[Item], months: int) -> str:
    included = sum(item.included for item in items)
    paid = sum(item.amount_minor for item in items)
    parts = {"what": category_name(category), "sum": formats.money(paid)}
    bucket = _BUCKETS.get(category)
    if bucket is None:
        return _("%(what)s: %(sum)s in all") % parts
    parts |= {"used": words.amount(bucket, used // months), "included": words.amount(bucket, included // months)}
    if included == used:
        return _("%(what)s: about %(used)s a month, all in the package") % parts
    if not included:
        return _("%(what)s: about %(used)s a month, %(sum)s in all") % parts
    if not paid:
        return _("%(what)s: about %(used)s a month, %(included)s in the package; the rest at no charge") % parts
    return _("%(what)s: about %(used)s a month, %(included)s in the package; the rest came to %(sum)s in all") % parts


def _unrated(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "The tariff has no price for %(number)s record of your use: it is not in the sum.",
        "The tariff has no price for %(number)s records of your use: they are not in the sum.",
        count,
    ) % {"number": formats.number(count)}


def _fees(fees: Iterable[Fee]) -> Iterable[tuple[str, str, str]]:
    """Yield what each fee is for, how it comes about and its sum; days in a row that cost the same are one."""
    # Of a fee by the day all days in a row are one; others stand for themselves.
    for (rule, _month), some in groupby(fees, key=lambda fee: (fee.rule, 0 if fee.rule == DAY else fee.month)):
        days = list(some)
        count, sum_minor = sum(fee.days for fee in days), sum(fee.amount_minor for fee in days)
        whole = 1 if rule == DAY else days[0].period_days
        formula = fees_words.formula(rule, days[0].version.fee_minor, count, whole, sum_minor)
        yield fees_words.span(days[0].first, days[-1].end), formula, formats.money(sum_minor)


def _row(item: Item, places: Places) -> Row:
    return Row(
        what=words.way(words.way_of(item.price), places),
        times=formats.number(item.records),
        used=_used(item, item.quantity),
        included=_used(item, item.included) if item.included else "",
        formula=f"{formats.number(item.billed_units)} × {words.for_unit(item.price)}" if item.amount_minor else "",
        sum=formats.money(item.amount_minor),
    )


def _used(item: Item, amount: int) -> str:
    kind = item.price.kind
    return quantity(kind, amount) if kind in ("voice", "data") else formats.number(amount)


def _named(month: date) -> str:
    """Return `September 2026`."""
    return f"{formats.month(month)}{formats.NBSP}{month.year}"
