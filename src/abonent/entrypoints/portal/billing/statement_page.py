"""The statement as the page shows it: everything as text, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.billing.statement import reading as statement
from abonent.domains.billing.statement.reading import Statement
from abonent.domains.billing.statement.rules import PAYMENTS, TYPES, Entry, Filters, Totals, earliest_day, presets
from abonent.entrypoints.portal.billing import statement_words as words
from abonent.web import format as formats

ADDRESS = "/statement/"
FILES = ("pdf", "xlsx", "csv")
FIELDS = ("from", "to", "type", "search")
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry; `note` stands beside the title, `tone` is how the sum looks, `address` explains the charge."""

    time: str
    icon: str
    title: str
    note: str
    party: str
    quantity: str
    cost: str
    tone: str
    address: str


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of a day, as far as they are on this page."""

    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class DayField:
    """A day to type; `type` is `date` unless what was typed is none and must stay visible."""

    name: str
    label: str
    value: str
    type: str
    problem: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A type to tick, or a period to go to."""

    value: str
    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The filters as they were typed, with what is wrong; `problems` maps ids of fields to words.

    `chosen` says what was filtered by in the form, empty when nothing was: a period offered by name is not.
    """

    search: str
    search_problem: str
    days: list[DayField]
    types: list[Choice]
    types_problem: str
    presets: list[Choice]
    problems: Mapping[str, str]
    filtered: bool
    chosen: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of the whole filter; `by_type` has name, number and sum."""

    count: int
    count_text: str
    charged: str
    paid: str
    by_type: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """What the filters found: a page of it, ways on, files of all of it."""

    days: list[Day]
    sums: Sums
    period: str
    newest: str
    newer: str
    older: str
    files: list[tuple[str, str]] = field(default_factory=list)


def form(typed: Typed, problems: Mapping[str, str], today: date) -> Form:
    """Show the filters back as typed; without days, the days that are shown."""
    told = {name: words.problem(problems[name], today) for name in ("type", "search", "from", "to") if name in problems}
    names = words.types()
    chosen = {word for text in typed.get("type", ()) for word in text.split(",")}
    days = []
    for name, label, otherwise in (("from", _("From"), earliest_day(today)), ("to", _("To"), today)):
        value = _typed(typed, name) or f"{otherwise}"
        days.append(DayField(name, label, value, "date" if _is_iso(value) else "text", told.get(name, "")))
    asked = (_typed(typed, "from"), _typed(typed, "to"))
    offered = {
        name: (f"{max(first, earliest_day(today))}", f"{last}") for name, (first, last) in presets(today).items()
    }
    offers = [
        Choice(
            query(dict(typed) | {"from": [first], "to": [last]}),
            name,
            (first, last) == asked or (key == "all" and asked == ("", "")),
        )
        for (key, name) in words.presets().items()
        for first, last in [offered[key]]
    ]
    own_days = not any(offer.current for offer in offers)
    parts = [names[type_] for type_ in TYPES if type_ in chosen] + [_typed(typed, "search")]
    return Form(
        search=_typed(typed, "search"),
        search_problem=told.get("search", ""),
        days=days,
        types=[Choice(type_, names[type_], type_ in chosen) for type_ in TYPES],
        types_problem=told.get("type", ""),
        presets=offers,
        problems={f"id_{name}": text for name, text in told.items()},
        filtered=any(_typed(typed, name) for name in FIELDS),
        chosen=", ".join([part for part in parts if part] + [_("own days")] * own_days),
    )


def found(page: statement.Page, typed: Typed, zone: ZoneInfo, today: date) -> Found:
    """Show a page of a statement."""
    kept = {name: typed[name] for name in FIELDS if typed.get(name)}
    return Found(
        days=days(page.statement, zone, today),
        sums=sums(page.statement.totals),
        period=period(page.statement.filters),
        newest=query(kept),
        newer=query({**kept, "newer": [page.newer.token()]}) if page.newer else "",
        older=query({**kept, "older": [page.older.token()]}) if page.older else "",
        files=[(name.upper(), f"{ADDRESS}statement.{name}{query(kept, nothing='')}") for name in FILES],
    )


def days(shown: Statement, zone: ZoneInfo, today: date) -> list[Day]:
    titles = words.titles()
    local = ((entry.at.astimezone(zone), entry) for entry in shown.entries)
    return [
        Day(words.day_heading(day, today), [_row(at, entry, shown, titles) for at, entry in entries])
        for day, entries in groupby(local, key=lambda pair: pair[0].date())
    ]


def sums(totals: Totals) -> Sums:
    names = words.types()
    return Sums(
        count=totals.count,
        count_text=formats.number(totals.count),
        charged=formats.money(totals.charged_minor),
        paid=formats.money(totals.paid_minor),
        by_type=[
            (names[total.type], formats.number(total.count), formats.money(total.amount_minor, sign=True))
            for total in totals.by_type
        ],
    )


def period(filters: Filters) -> str:
    if filters.first == filters.last:
        return formats.day(filters.first)
    return f"{formats.day(filters.first)} – {formats.day(filters.last)}"


def query(parameters: Mapping[str, Iterable[str]], *, nothing: str = ADDRESS) -> str:
    """Return `?…` of the parameters; `nothing` when there are none."""
    text = urlencode([(name, value) for name, values in parameters.items() for value in values if value])
    return f"?{text}" if text else nothing


def cost(entry: Entry) -> str:
    if entry.amount_minor:
        return formats.money(entry.amount_minor, sign=True)
    return _("In the package") if entry.included else _("Free")


def _row(at: datetime, entry: Entry, shown: Statement, titles: Mapping[tuple[str, str], str]) -> Row:
    return Row(
        time=f"{at:%H:%M:%S}",
        icon=words.ICONS[entry.kind],
        title=titles[entry.kind, entry.direction],
        note=words.place(entry.zone, shown.names),
        party=words.party(entry, shown.names),
        quantity=words.quantity(entry.kind, entry.quantity),
        cost=cost(entry),
        tone="income" if entry.amount_minor > 0 else "" if entry.amount_minor else "quiet",
        address=_reason(entry),
    )


def _reason(entry: Entry) -> str:
    """Return the page that says why, empty where the row says all: what cost nothing."""
    if entry.type == PAYMENTS:
        by_promise = entry.detail == promised_rules.METHOD
        return f"/promised/{entry.key}/" if by_promise else f"/payments/{entry.key}/"
    return f"{ADDRESS}charge/{entry.charge_id}/" if entry.charge_id else ""


def _typed(typed: Typed, name: str) -> str:
    values = typed.get(name, ())
    return values[-1].replace("\0", "") if values else ""


def _is_iso(text: str) -> bool:
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
