"""Tariffs as the words and numbers of their pages. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.catalog.rules import Offer, Offered, TariffVersion
from abonent.domains.catalog.rules_comparison import Comparison, Packages, Prices, Speeds, Verdict, fee_of_a_month
from abonent.domains.orders.queries import Order
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.billing.statement_words import spoken
from abonent.entrypoints.portal.tariffs import words
from abonent.entrypoints.portal.tariffs.words import Places
from abonent.web import format as formats

# How the sign beside a verdict looks; its word says the same.
TONES = {"better": "done", "worse": "late", "same": "gone"}


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff in a list, as text. `own`: it is what the line has now; `sold`: somebody else can take it, too."""

    code: str
    name: str
    fee: str
    included: str
    about: str
    own: bool
    sold: bool


@dataclass(frozen=True, slots=True)
class Family:
    """Tariffs for one purpose."""

    code: str
    title: str
    icon: str
    tariffs: list[Tariff]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in both tariffs, and which is better: in words, and as the class of the sign beside them."""

    what: str
    this: str
    mine: str
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A change that is ordered, as text; `id` is the order's, and `may_be_undone` whether one press calls it off."""

    id: str
    words: str
    may_be_undone: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """What differs and what does not; `summary` counts."""

    differing: list[Row]
    same: list[Row]
    summary: str


def offer(found: Offer, own: Offer) -> Tariff:
    """Return a tariff for its list; `own` is the one that the line has."""
    version = found.version
    return Tariff(
        version.tariff_code,
        words.name(version),
        words.fee(version),
        words.included(version),
        spoken(found.about, ""),
        version.id == own.version.id,
        found.sold_until is None,
    )


def coming(found: Order | None, now: datetime) -> Coming | None:
    """Return the change that is on its way."""
    if found is None:
        return None
    parts = {"tariff": spoken(found.names, found.offer_code), "day": formats.day(found.effective_at)}
    waits = found.effective_at > now
    said = _("From %(day)s: “%(tariff)s”") if waits else _("Within a few minutes: “%(tariff)s”")
    return Coming(f"{found.id}", said % parts, found.may_be_undone)


def families(offered: Offered) -> list[Family]:
    """Return what is on sale besides the own one by purpose, the cheapest first; without the empty ones."""
    titles = {
        "phone": (_("For phones"), "mobile"),
        "computer": (_("For tablets and computers"), "laptop"),
        "special": (_("For special cases"), "person"),
        "internet": (_("Home internet"), "internet"),
        "tv": (_("TV"), "tv"),
        "satellite": (_("Satellite TV"), "tv"),
    }
    others = sorted(
        (one for one in offered.on_sale if one.version.id != offered.own.version.id),
        key=lambda one: (fee_of_a_month(one.version), words.name(one.version)),
    )
    found = [
        Family(code, title, icon, [offer(one, offered.own) for one in others if _shelf(one.version) == code])
        for code, (title, icon) in titles.items()
    ]
    return [family for family in found if family.tariffs]


def _shelf(version: TariffVersion) -> str:
    """Return the purpose: what comes by wire or dish is told apart by what that is."""
    return version.service if version.category == "fixed" else version.category


def facts(found: Offer, *, prepaid: bool) -> list[tuple[str, str]]:
    """Return what a tariff is in short."""
    version = found.version
    told = [
        (_("Fee"), words.fee(version)),
        (_("Included"), words.included(version)),
        (_("Without money"), fees_words.without_money(version.terms.fee, prepaid=prepaid) if version.fee_minor else ""),
        (_("Terms in force since"), formats.day(version.valid_from, year=True)),
        (_("Not sold since"), formats.day(found.sold_until, year=True) if found.sold_until else ""),
    ]
    return [(name, value) for name, value in told if value]


def compared(found: Comparison, places: Places) -> Rows:
    """Return a comparison row by row."""
    fee = found.fee
    rows = [(fee.verdict, Row(_("Fee"), words.fee(fee.this), words.fee(fee.mine), *_said(fee.verdict)))]
    rows += [(row.verdict, _brought(row)) for row in found.access]
    rows += [(row.verdict, _package(row)) for row in found.packages]
    rows += [(row.verdict, _price(row, places)) for row in found.prices]
    better, worse = (sum(verdict == wanted for verdict, _row in rows) for wanted in ("better", "worse"))
    return Rows(
        [row for verdict, row in rows if verdict != "same"],
        [row for verdict, row in rows if verdict == "same"],
        _("Better: %(better)s, worse: %(worse)s, the same: %(same)s.")
        % {"better": better, "worse": worse, "same": len(rows) - better - worse},
    )


def _brought(row: Speeds) -> Row:
    nothing = pgettext("package", "None")
    this, mine = (words.brought(row.what, amount) if amount else nothing for amount in (row.this, row.mine))
    return Row(words.brought_name(row.what), this, mine, *_said(row.verdict))


def _package(row: Packages) -> Row:
    nothing = pgettext("package", "None")
    this, mine = (words.package(one) if one else nothing for one in (row.this, row.mine))
    return Row(words.package_name(row.bucket), this, mine, *_said(row.verdict))


def _price(row: Prices, places: Places) -> Row:
    beyond = any(one is not None and one.bucket for one in (row.this, row.mine))
    what = words.way(row.way, places, beyond=beyond)
    return Row(what, words.price(row.this), words.price(row.mine), *_said(row.verdict))


def _said(verdict: Verdict) -> tuple[str, str]:
    return words.verdict(verdict), TONES[verdict]
