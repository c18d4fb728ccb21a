"""State of the account and the act of reconciliation as their pages and files show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.acts_rules import Act, Movement
from abonent.entrypoints.portal.billing import bills_words as words
from abonent.entrypoints.portal.billing import expenses_period as periods
from abonent.entrypoints.portal.billing.expenses_period import Days
from abonent.entrypoints.portal.billing.words import category_name, method_name, statement_type
from abonent.web import format as formats

TYPED_MAX = 40
ACT = "/account/act/"


@dataclass(frozen=True, slots=True)
class Field:
    """A field for a day or a time; `kind` is `text` for what was typed and is none: other fields would drop it."""

    name: str
    label: str
    kind: str
    value: str
    min: str = ""
    max: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What the account had at a moment."""

    title: str
    sum: formats.MoneyParts
    words: str
    fields: list[Field]
    problems: Mapping[str, str]
    asked: bool


@dataclass(frozen=True, slots=True)
class Period:
    """The form of the act: named periods, fields for own days."""

    presets: list[tuple[str, str, bool]]
    fields: list[Field]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A movement: the day, what it was, where it is explained, what was charged or paid."""

    day: str
    what: str
    about: str
    address: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class ActPage:
    """The act: both balances, every movement, both sums."""

    title: str
    opening_name: str
    opening: str
    closing_name: str
    closing: str
    rows: list[Row]
    debit: str
    credit: str
    files: list[tuple[str, str]]


def state(balance_minor: int, at: datetime, *, day_only: bool, typed: Mapping[str, str], problems: Mapping[str, str],
          today: date) -> State:  # fmt: skip
    """Return the account at a moment with the form that asks for another one."""
    allowed = periods.everything(today)
    when = _("by the end of %(day)s") % {"day": formats.day(at)} if day_only else formats.moment(at)
    if balance_minor < 0:
        said = _("This was owed to the operator.")
    else:
        said = _("This was there to be spent.") if balance_minor else _("Nothing was owed, nothing was left.")
    return State(
        title=_("The account on %(moment)s") % {"moment": when} if not day_only else _("The account %(when)s")
        % {"when": when},
        sum=formats.money_parts(balance_minor),
        words=said,
        fields=[_day_field("on", _("Day"), typed["on"], allowed), _time_field(typed["time"])],
        problems={f"id_{name}": problem(code, allowed) for name, code in problems.items()},
        asked=any(value.strip() for value in typed.values()),
    )  # fmt: skip


def period(days: Days, typed: Mapping[str, str], problems: Mapping[str, str], today: date) -> Period:
    """Return the form of the act."""
    allowed = periods.everything(today)
    offered = [*periods.months(today), allowed]
    names = [formats.month(day.first).capitalize() for day in offered[:-1]] + [_("Three months")]
    shown = typed if problems else {"from": f"{days.first}", "to": f"{days.last}"}
    return Period(
        presets=[(name, address(one), one == days) for name, one in zip(names, offered, strict=True)],
        fields=[
            _day_field(name, label, shown[name], allowed) for name, label in (("from", _("From")), ("to", _("To")))
        ],
        problems={f"id_{name}": problem(code, allowed) for name, code in problems.items()},
    )


def act_page(act: Act) -> ActPage:
    """Return the act as text."""
    days = Days(act.first, act.last)
    return ActPage(
        title=_("Act of reconciliation, %(days)s") % {"days": formats.days(act.first, act.last)},
        opening_name=_("Balance when %(day)s began") % {"day": formats.day(act.first, year=True)},
        opening=formats.money(act.opening_minor),
        closing_name=_("Balance when %(day)s ended") % {"day": formats.day(act.last, year=True)},
        closing=formats.money(act.closing_minor),
        rows=[row(movement) for movement in act.movements],
        debit=formats.money(act.debit_minor),
        credit=formats.money(act.credit_minor),
        files=[(name, address(days, f"act.{name.lower()}")) for name in ("PDF", "XLSX")],
    )


def row(movement: Movement) -> Row:
    """Return one movement as text."""
    return Row(
        day=formats.day(movement.day),
        what=what(movement),
        about=about(movement),
        address=_explained(movement),
        debit=formats.money(movement.debit_minor) if movement.debit_minor else "",
        credit=formats.money(movement.credit_minor) if movement.credit_minor else "",
    )


def what(movement: Movement) -> str:
    """Return what a movement was."""
    if movement.is_payment:
        return _("Paid in: %(method)s") % {"method": method_name(movement.method)}
    return category_name(movement.category)


def about(movement: Movement) -> str:
    """Return by what it can be found: means and number of a payment, line and count of charges."""
    if movement.is_payment:
        number = _("No. %(number)s") % {"number": str(movement.document_id)[:8].upper()}
        return " · ".join(part for part in (movement.detail, number) if part)
    place = words.place_of(movement.service, movement.number)
    if movement.count == 1:
        return place
    charges = ngettext("%(count)s charge", "%(count)s charges", movement.count) % {
        "count": formats.number(movement.count)
    }
    return f"{place} · {charges.replace(' ', formats.NBSP)}"


def address(days: Days, name: str = "") -> str:
    """Return where the act of these days is, or its file."""
    return f"{ACT}{name}?" + urlencode({"from": days.first, "to": days.last})


def problem(code: str, allowed: Days) -> str:
    """Return what to do about a day or time that cannot be shown."""
    first = formats.day(allowed.first, year=True)
    return {
        "day_too_early": _("Choose a day from %(first)s on: the account is shown for three months") % {"first": first},
        "day_in_future": _("Choose a day that is not later than today"),
        "day_unreal": _("There is no such day in the calendar; choose another"),
        "days_reversed": _("Choose a last day that is not before the first"),
        "time_unreadable": _("Enter a time as 14:05, or nothing for the end of the day"),
        "time_in_future": _("Choose a time that is over already"),
    }.get(code, _("Enter a day as 31.12.2026"))


def _explained(movement: Movement) -> str:
    """Return the page with the reason: the very charge, or the day's entries of that kind."""
    if movement.is_payment:
        return ""
    if movement.document_id:
        return f"/statement/charge/{movement.document_id}/"
    kind = statement_type(movement.category)
    return "/statement/?" + urlencode({"from": movement.day, "to": movement.day, "type": kind})


def _day_field(name: str, label: str, typed: str, allowed: Days) -> Field:
    try:
        kind, value = "date", f"{date.fromisoformat(typed)}" if typed else ""
    except ValueError:
        kind, value = "text", typed[:TYPED_MAX]
    return Field(name, label, kind, value, f"{allowed.first}", f"{allowed.last}")


def _time_field(typed: str) -> Field:
    return Field("time", _("Time"), "text", typed[:TYPED_MAX])
