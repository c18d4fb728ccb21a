"""The history of payments as the page shows it: everything as text, made once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.queries_history import Entry, Page
from abonent.domains.billing.rules_history import AUTOPAY, CARD, CASH, OTHER, SBP, SEARCH_MAX, WAYS
from abonent.entrypoints.portal.billing.receipts import Receipt
from abonent.entrypoints.portal.billing.statement_page import Choice, DayField
from abonent.entrypoints.portal.billing.statement_words import day_heading
from abonent.entrypoints.portal.billing.topup_page import TOPUP
from abonent.entrypoints.portal.billing.words import method_name, payment_title
from abonent.entrypoints.portal.visitor import Visitor
from abonent.web import format as formats

PAYMENTS = "/payments/"
FILES = ("pdf", "xlsx", "csv")
FIELDS = ("from", "to", "way", "search")
Typed = Mapping[str, Sequence[str]]
WAY_NAMES: Mapping[str, Callable[[], str]] = {
    CARD: lambda: _("By card"),
    SBP: lambda: _("Faster payments"),
    CASH: lambda: _("Cash and shops"),
    AUTOPAY: lambda: _("Autopay"),
    OTHER: lambda: _("Other"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A payment; `income`: it came to the number of the page."""

    address: str
    title: str
    about: str
    amount: str
    income: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The filters as they were typed; `problems` maps ids of fields to words, `chosen` says what was filtered by."""

    search: str
    search_problem: str
    days: list[DayField]
    ways: list[Choice]
    ways_problem: str
    problems: Mapping[str, str]
    chosen: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the filters found: a page of it by days, the sums of all, ways on, files."""

    days: list[tuple[str, list[Row]]]
    count: str
    sums: list[tuple[str, str]]
    newest: str
    newer: str
    older: str
    files: list[tuple[str, str]]
    filtered: bool


def form(typed: Typed, problems: Mapping[str, str], today: date) -> Form:
    """Return the filters with what was typed into them."""
    told = {name: _problem(problems[name], today) for name in ("way", "search", "from", "to") if name in problems}
    chosen = {word for text in typed.get("way", ()) for word in text.split(",")}
    days = []
    for name, label in (("from", _("From")), ("to", _("To"))):
        value = _last(typed, name)
        days.append(DayField(name, label, value, "date" if _is_iso(value) else "text", told.get(name, "")))
    parts = [WAY_NAMES[way]() for way in WAYS if way in chosen] + [
        _last(typed, name) for name in ("search", "from", "to")
    ]
    return Form(
        search=_last(typed, "search"),
        search_problem=told.get("search", ""),
        days=days,
        ways=[Choice(way, WAY_NAMES[way](), way in chosen) for way in WAYS],
        ways_problem=told.get("way", ""),
        problems={f"id_{name}": words for name, words in told.items()},
        chosen=", ".join(part for part in parts if part),
    )


def found(page: Page, typed: Typed, zone: ZoneInfo, today: date) -> Found:
    """Show a page of the history."""
    kept = {name: typed[name] for name in FIELDS if any(typed.get(name, ()))}
    local = ((entry.at.astimezone(zone), entry) for entry in page.entries)
    totals = page.totals
    sums = [(_("Paid in"), totals.paid_minor), (_("For other numbers"), totals.for_others_minor)]
    return Found(
        days=[
            (day_heading(day, today), [row(at, entry) for at, entry in entries])
            for day, entries in groupby(local, key=lambda pair: pair[0].date())
        ],
        count=formats.number(totals.count),
        sums=[(name, formats.money(minor)) for name, minor in sums if minor],
        newest=query(kept),
        newer=query({**kept, "newer": [page.newer.token()]}) if page.newer else "",
        older=query({**kept, "older": [page.older.token()]}) if page.older else "",
        files=[(name.upper(), f"{PAYMENTS}payments.{name}{query(kept, nothing='')}") for name in FILES],
        filtered=bool(kept),
    )


def row(at: datetime, entry: Entry) -> Row:
    """Return a payment as a row."""
    title, about = words(entry)
    return Row(
        f"{PAYMENTS}{entry.id}/",
        title,
        " · ".join(part for part in (about, f"{at:%H:%M}") if part),
        formats.money(entry.amount_minor, sign=not entry.for_other),
        income=not entry.for_other,
    )


def words(entry: Entry) -> tuple[str, str]:
    """Return what a payment was and by which means."""
    means = how(entry)
    if entry.method == "cashback":
        return payment_title(entry.method, entry.amount_minor), entry.detail
    if entry.amount_minor < 0:
        return payment_title(entry.method, entry.amount_minor), means
    if entry.for_other:
        return _("For another number"), f"{formats.phone(entry.number)} · {means}"
    if entry.is_astray:
        return _("Top-up"), f"{means} · " + _("was meant for %(number)s") % {"number": formats.phone(entry.number)}
    if entry.payer:
        return _("Top-up"), _("by the number that ends in %(digits)s") % {"digits": entry.payer[-4:]}
    return _("Top-up"), means


def how(entry: Entry) -> str:
    """Return the means of a payment; those of somebody else are theirs alone."""
    if entry.payer:
        return ""
    return " ".join(part for part in (method_name(entry.method), entry.detail) if part)


def receipt(
    entry: Entry, visitor: Visitor, *, means: str, refunded_minor: int, balance_minor: int | None, reason: str = ""
) -> Receipt:
    """Return the receipt of a payment in the history; `means` is what the bank says of it, empty: what billing does."""
    own = next((line for line in visitor.lines if line.contract_id == entry.contract_id), None)
    number = entry.number or (own.number if own else "")
    fields = {"amount": formats.plain(entry.amount_minor)}
    if entry.for_other:
        fields |= {"to": "other", "number": entry.number}
    elif own:
        fields |= {"to": str(own.id)}
    return Receipt(
        id=entry.id,
        amount_minor=entry.amount_minor,
        refunded_minor=refunded_minor,
        at=entry.at,
        number=number,
        how=means or how(entry),
        payer=entry.payer,
        astray=entry.is_astray,
        balance_minor=balance_minor,
        again=f"{TOPUP}?{urlencode(fields)}",
        for_other=entry.for_other,
        is_fiscal=own is not None and fiscal.is_queued(entry.id),
        reason=reason,
    )


def query(parameters: Mapping[str, Iterable[str]], *, nothing: str = PAYMENTS) -> str:
    """Return `?…` of the parameters; `nothing` when there are none."""
    text = urlencode([(name, value) for name, values in parameters.items() for value in values if value])
    return f"?{text}" if text else nothing


def _problem(code: str, today: date) -> str:
    """Return what to do about a filter that cannot be understood."""
    return {
        "day_unreadable": _("Enter the day as %(example)s") % {"example": f"{today:%d.%m.%Y}"},
        "day_unreal": _("There is no such day in the calendar"),
        "day_in_future": _("This day has not come yet: choose one up to %(day)s") % {"day": f"{today:%d.%m.%Y}"},
        "days_reversed": _("The last day is before the first: swap them"),
        "way_unknown": _("Choose from the ways on this page"),
        "search_too_long": _("Enter a sum, or up to %(number)s characters of the card or the operation")
        % {"number": SEARCH_MAX},
    }[code]


def _last(typed: Typed, name: str) -> str:
    values = typed.get(name, ())
    return values[-1].replace("\0", "")[: SEARCH_MAX + 1] if values else ""


def _is_iso(text: str) -> bool:
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
