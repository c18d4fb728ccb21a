"""Expenses of a line by category, for any days within the last three months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.billing import queries as billing
from abonent.entrypoints.portal.billing import expenses_period as periods
from abonent.entrypoints.portal.billing.expenses_period import Days
from abonent.entrypoints.portal.billing.words import category_name, statement_address
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation import clock
from abonent.foundation.values import Period
from abonent.web import charts
from abonent.web import format as formats

# What is typed into a day's field is shown back, up to this length.
TYPED_MAX = 40


@dataclass(frozen=True, slots=True)
class Preset:
    """A period offered by name; days in ISO."""

    name: str
    first: str
    last: str
    current: bool


@dataclass(frozen=True, slots=True)
class Donut:
    """For `macros/charts.html`."""

    total: str
    note: str
    slices: tuple[charts.Slice, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A category: its words and numbers as text, the class of its colour, the address of its entries."""

    name: str
    count: str
    share: str
    sum: str
    color: str
    address: str


@dataclass(frozen=True, slots=True)
class DayField:
    """A field for a day; `kind` is `date`, or `text` for what was typed and is no day: a date field would drop it."""

    name: str
    label: str
    kind: str
    value: str
    min: str
    max: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows, as text."""

    title: str
    problems: Mapping[str, str]
    presets: list[Preset]
    own_days: bool
    everything: Preset
    fields: list[DayField]
    rows: list[Row]
    donut: Donut
    count: str
    total: str
    comparison: str
    statement: str


@require_safe
@signed_in
def expenses(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show where the money of the selected line went in the days `from` to `to`."""
    typed = {name: request.GET.get(name, "") for name in ("from", "to")}
    today = timezone.localdate(clock.now())
    asked = periods.asked(typed["from"], typed["to"], today)
    earlier_days = periods.before(asked.days)
    spent = billing.expenses(visitor.line.id, _period(asked.days))
    earlier = billing.expenses(visitor.line.id, _period(earlier_days))
    offered = [*periods.months(today), periods.everything(today)]
    presets = [_preset(days, asked.days, alone=days is not offered[-1]) for days in offered]
    shown = typed if asked.problems else {"from": f"{asked.days.first}", "to": f"{asked.days.last}"}
    everything = offered[-1]
    page = Page(
        title=_title(asked.days),
        problems={f"id_{field}": _problem(code, everything) for field, code in asked.problems.items()},
        presets=presets,
        own_days=bool(asked.problems) or not any(preset.current for preset in presets),
        everything=presets[-1],
        fields=[_field(name, label, shown[name], everything) for name, label in (("from", _("From")), ("to", _("To")))],
        rows=[_row(index, expense, spent.total_minor, asked.days) for index, expense in enumerate(spent.items)],
        donut=Donut(formats.roubles(spent.total_minor), "", charts.slices([e.amount_minor for e in spent.items])),
        count=formats.number(sum(expense.count for expense in spent.items)),
        total=formats.money(spent.total_minor),
        comparison=_comparison(spent.total_minor, earlier.total_minor, earlier_days),
        statement=statement_address(asked.days.first, asked.days.last),
    )
    return render(request, "portal/billing/expenses.html", {"visitor": visitor, "page": page})


def _period(days: Days) -> Period:
    return Period.of_days(days.first, days.last, ZoneInfo(settings.TIME_ZONE))


def _preset(days: Days, current: Days, *, alone: bool) -> Preset:
    name = formats.month(days.first).capitalize() if alone else _("Three months")
    return Preset(name, f"{days.first}", f"{days.last}", days == current)


def _field(name: str, label: str, typed: str, allowed: Days) -> DayField:
    try:
        kind, value = "date", f"{date.fromisoformat(typed)}" if typed else ""
    except ValueError:
        kind, value = "text", typed[:TYPED_MAX]
    return DayField(name, label, kind, value, f"{allowed.first}", f"{allowed.last}")


def _title(days: Days) -> str:
    return _("Spent on %(days)s") % {"days": formats.days(days.first, days.last)}


def _row(index: int, expense: billing.Expense, total: int, days: Days) -> Row:
    return Row(
        name=category_name(expense.category),
        count=formats.number(expense.count),
        share=formats.percent(expense.amount_minor / total) if 0 < expense.amount_minor <= total else "",
        sum=formats.money(expense.amount_minor),
        color=f"c{charts.color(index)}",
        address=statement_address(days.first, days.last, expense.category),
    )


def _comparison(now: int, before: int, days: Days) -> str:
    """Say how the sum stands to that of the days before, in words and without a sign to puzzle over."""
    when = {"days": formats.days(days.first, days.last)}
    if before <= 0:
        return _("Nothing was charged before that, on %(days)s.") % when
    with_sum = when | {"difference": formats.money(abs(now - before)), "sum": formats.money(before)}
    if now > before:
        return _("%(difference)s more than on %(days)s: it was %(sum)s then.") % with_sum
    if now < before:
        return _("%(difference)s less than on %(days)s: it was %(sum)s then.") % with_sum
    return _("As much as on %(days)s.") % when


def _problem(code: str, allowed: Days) -> str:
    """Return what to do about a day that cannot be shown."""
    first = formats.day(allowed.first, year=True)
    return {
        "day_too_early": _("Choose a day from %(first)s on: expenses are kept for three months") % {"first": first},
        "day_in_future": _("Choose a day that is not later than today"),
        "day_unreal": _("There is no such day in the calendar; choose another"),
        "days_reversed": _("Choose a last day that is not before the first"),
    }.get(code, _("Enter a day as 31.12.2026"))
