"""An overview of a line as the words and numbers of the home page. No I/O: the time comes in as an argument."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from abonent.domains.billing.fees.rules import BLOCK_DAY, PART, RETURN
from abonent.domains.billing.gifts.rules import FEE_RULE as GIFT_FEE
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.rules import Source, Total
from abonent.domains.billing.pauses.rules import ONCE_RULE
from abonent.domains.billing.products_rules import NUMBER_RULE, SIM_RULE
from abonent.domains.billing.queries import Autopay, Expenses, NextFee, Operation, Overview
from abonent.domains.billing.tariffs_rules import CHANGE_RULE
from abonent.domains.billing.topups.rules import can_be_paid
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.billing.words import (
    category_name,
    correction_title,
    method_name,
    payment_title,
    statement_address,
    transfer_peer,
)
from abonent.entrypoints.portal.packages import words as package_words
from abonent.entrypoints.portal.tariffs import words as tariff_words
from abonent.web import charts
from abonent.web import format as formats
from abonent.web.format import Quantity
from abonent.web.words import correction_reason

GAUGE_ORDER = ("data", "voice", "sms")
# In Russian the month bends after "к", so each has its own words.
AGAINST_MONTH: tuple[Callable[[], str], ...] = (
    lambda: _("on January"),
    lambda: _("on February"),
    lambda: _("on March"),
    lambda: _("on April"),
    lambda: _("on May"),
    lambda: _("on June"),
    lambda: _("on July"),
    lambda: _("on August"),
    lambda: _("on September"),
    lambda: _("on October"),
    lambda: _("on November"),
    lambda: _("on December"),
)


@dataclass(frozen=True, slots=True)
class Fee:
    """What the notice says of the next fee: then what is `missing` in bold, or else that it is paid for (`settled`).

    `exact` is what is missing as it stands in the address of a top-up.
    """

    words: str
    missing: str
    settled: str
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """A row beside the donut; `address` are the entries that it is made of."""

    name: str
    sum: str
    color: str
    address: str


@dataclass(frozen=True, slots=True)
class Spending:
    """This month by category; `total` and `note` stand inside the donut."""

    title: str
    total: str
    note: str
    slices: tuple[charts.Slice, ...]
    rows: list[Category]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A payment or a charge; `income` decides the colour and the arrow, `address` explains the sum."""

    title: str
    about: str
    amount: str
    income: bool
    address: str


@dataclass(frozen=True, slots=True)
class Home:
    """Everything the page shows, as text. `offline` is JSON: what the browser keeps for a lost connection."""

    balance: formats.MoneyParts
    fee: Fee | None
    autopay: str
    tariff: str
    gauges: list[charts.Gauge]
    renewed: str
    as_of: str
    facts: list[tuple[str, str]]
    spending: Spending
    days: list[tuple[str, list[OperationRow]]]
    offline: str


def present(overview: Overview, line: Line, language: str, now: datetime, account_id: int) -> Home:
    """Return the home page of `line` in the current language; tariff names are taken in `language`.

    `account_id` is who looks: what another agreed to with their card is not told in full.
    """
    tariff = _named(overview.tariff.names, language)
    services = {peer: _named(names, language) for peer, names in overview.services.items()}
    fee = formats.money(overview.tariff.fee_minor)
    totals = (packages_rules.total(overview.left_overs, bucket) for bucket in GAUGE_ORDER)
    gauges = [_gauge(total) for total in totals if total is not None and total.amount != 0]
    renewed = next((left.ends_at for left in overview.left_overs if left.source is Source.TARIFF), None)
    return Home(
        balance=formats.money_parts(overview.balance_minor),
        fee=_fee(overview.next_fee, tariff, line),
        autopay=_autopay(overview.autopay, account_id),
        tariff=(
            _("Tariff “%(tariff)s”, %(fee)s a day")
            if overview.tariff.terms.fee.per == "day"
            else _("Tariff “%(tariff)s”, %(fee)s a month")
        )
        % {"tariff": tariff, "fee": fee},
        gauges=gauges if line.service == "mobile" else [],
        renewed=formats.day(renewed) if renewed else "",
        as_of=formats.clock(overview.as_of),
        facts=_facts(overview, line, tariff, gauges),
        spending=_spending(overview.expenses, overview.expenses_before_minor, timezone.localdate(now)),
        days=_days(overview.operations, services, now),
        offline=_offline(overview, gauges),
    )


def _named(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")


def _fee(fee: NextFee, tariff: str, line: Line) -> Fee | None:
    if line.tariff_changes_at and not fee.waits and fee.at >= line.tariff_changes_at:
        day = {"day": formats.day(line.tariff_changes_at)}
        return Fee(_("From %(day)s on you pay the fee of the tariff that you ordered.") % day, "", "")
    if not fee.amount_minor:
        return None
    waits = _("The service rests: %(fee)s for the tariff “%(tariff)s” wait for money since %(day)s.")
    comes = _("%(fee)s for the tariff “%(tariff)s” will be charged on %(day)s.")
    words = (waits if fee.waits else comes) % {
        "day": formats.day(fee.at),
        "fee": formats.money(fee.amount_minor),
        "tariff": tariff,
    }
    if fee.shortfall_minor:
        return Fee(
            words,
            formats.money(fee.shortfall_minor),
            "",
            formats.plain(fee.shortfall_minor) * can_be_paid(fee.shortfall_minor),
        )
    return Fee(
        words, "", _("There is enough money.") if line.prepaid else _("You pay by bill: no need to top up in advance.")
    )


def _autopay(autopay: Autopay | None, account_id: int) -> str:
    """Return how autopay stands; empty without one."""
    if autopay is None:
        return ""
    if not autopay.is_on:
        return _("Autopay is paused")
    if autopay.account_id == account_id and autopay.threshold_minor is not None:
        return _("Autopay tops up below %(sum)s") % {"sum": formats.money(autopay.threshold_minor)}
    if autopay.account_id == account_id and autopay.next_day is not None:
        return _("Autopay tops up on %(day)s") % {"day": formats.day(autopay.next_day)}
    return _("Autopay is on")


def _facts(overview: Overview, line: Line, tariff: str, gauges: list[charts.Gauge]) -> list[tuple[str, str]]:
    """Return what there is to say of a line without minutes."""
    login = {"tv": _("Subscription"), "satellite": _("Subscription")}.get(line.service) or _("Login")
    fee_name = _("Fee a day") if overview.tariff.terms.fee.per == "day" else _("Fee a month")
    facts = [(_("Tariff"), tariff), (fee_name, formats.money(overview.tariff.fee_minor))]
    if line.service != "mobile":
        facts.insert(1, (_("Included"), tariff_words.included(overview.tariff)))
        gauges = []
    if overview.next_fee.amount_minor:
        facts.append((_("Next charge"), formats.day(overview.next_fee.at)))
    facts += [(gauge.name, _left(gauge)) for gauge in gauges]
    return [*facts, (login, line.number)] if line.service != "mobile" else facts


def _gauge(left: Total) -> charts.Gauge:
    name = {"voice": _("Minutes"), "data": _("Internet"), "sms": "SMS"}[left.bucket]
    if left.amount is None or left.left is None:
        return charts.Gauge(name, "", "", _("Unlimited"), charts.gauge_dash(1), low=False)
    quantity = _quantity(left.bucket, left.left)
    return charts.Gauge(
        name,
        quantity.figure,
        quantity.unit,
        _("goes on at %(speed)s") % {"speed": package_words.speed(left.then_kbps)}
        if left.then_kbps and not left.left
        else _("of %(amount)s") % {"amount": _quantity(left.bucket, left.amount)},
        charts.gauge_dash(left.left / left.amount if left.amount else 0.0),
        low=charts.is_low(left.left, left.amount),
    )


def _left(gauge: charts.Gauge) -> str:
    """Return a gauge in words: `12,4 из 30 ГБ`."""
    return f"{gauge.figure} {gauge.of}" if gauge.figure else gauge.of


def _quantity(bucket: str, amount: int) -> Quantity:
    if bucket == "data":
        return formats.data_parts(amount)
    if bucket == "voice":
        return Quantity(formats.number(amount // 60), _("min"))
    return Quantity(formats.number(amount), "SMS")


def _spending(expenses: Expenses, before_minor: int, today: date) -> Spending:
    amounts = [expense.amount_minor for expense in expenses.items]
    start = timezone.localtime(expenses.period.start)
    return Spending(
        title=_("Spent in %(month)s") % {"month": formats.month(start)},
        total=formats.roubles(expenses.total_minor),
        note=_change(expenses.total_minor, before_minor, (start.month - 2) % 12 + 1),
        slices=charts.slices(amounts),
        rows=[
            Category(
                category_name(expense.category),
                formats.money(expense.amount_minor),
                f"c{charts.color(index)}",
                statement_address(start.date(), today, expense.category),
            )
            for index, expense in enumerate(expenses.items)
        ],
    )


def _change(now: int, before: int, month: int) -> str:
    """Return how this month stands to the same days of the one before, `month`; empty with nothing to compare."""
    if before <= 0 or now <= 0:
        return ""
    percent = round((now - before) / before * 100)
    if abs(percent) > 999:
        return ""
    signed = f"{'+' if percent > 0 else formats.MINUS if percent < 0 else ''}{abs(percent)}{formats.NBSP}%"
    return f"{signed} {AGAINST_MONTH[month - 1]()}"


def _days(
    operations: Iterable[Operation], services: Mapping[str, str], now: datetime
) -> list[tuple[str, list[OperationRow]]]:
    today = timezone.localdate(now)
    names = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    by_day = groupby(operations, key=lambda operation: timezone.localdate(operation.at))
    return [
        (names.get(day) or formats.day(day), [_operation(operation, services) for operation in of_day])
        for day, of_day in by_day
    ]


def _operation(operation: Operation, services: Mapping[str, str]) -> OperationRow:
    """Return a row that never names the other side of a call: who one talks to asks for a fresh proof."""
    about = [_detail(operation, services), formats.clock(operation.at)]
    return OperationRow(
        _title(operation),
        " · ".join(part for part in about if part),
        formats.money(operation.amount_minor, sign=True),
        income=operation.amount_minor > 0,
        address=f"/payments/{operation.id}/" if operation.kind == "payment" else f"/statement/charge/{operation.id}/",
    )


def _title(operation: Operation) -> str:
    if operation.kind == "payment":
        return payment_title(operation.method, operation.amount_minor)
    if operation.rule == RETURN:
        return _("Fee given back")
    if operation.rule in (BLOCK_DAY, ONCE_RULE):
        return _("A block for a while")
    if operation.rule == SIM_RULE:
        return _("Another SIM")
    if operation.rule == NUMBER_RULE:
        return _("Another number")
    if operation.rule == CHANGE_RULE:
        return _("Change of the tariff")
    if operation.kind == "correction":
        return correction_title(operation.amount_minor)
    if operation.rule == GIFT_FEE:
        return _("Fee for a gift")
    titles = {
        "calls": _("Call"),
        "messages": _("Message"),
        "content": _("Subscription"),
        "service": _("Service"),
        "partner": _("Subscription"),
        "transfer": _("Transfer to a subscriber"),
    }
    return titles.get(operation.kind) or category_name(operation.kind)


def _detail(operation: Operation, services: Mapping[str, str]) -> str:
    if operation.kind == "payment":
        by = method_name(operation.method)
        return " ".join(part for part in (by, operation.detail) if part and part != _title(operation))
    if operation.kind == "equipment":
        return operation.peer
    if operation.kind == "service":
        part = fees_words.days(operation.quantity) if operation.rule in (PART, RETURN) else ""
        return ", ".join(words for words in (services.get(operation.peer) or operation.peer, part) if words)
    if operation.rule in (PART, RETURN):
        return fees_words.days(operation.quantity)
    if operation.kind == "transfer":
        return operation.peer if operation.rule == GIFT_FEE else transfer_peer(operation.rule, operation.peer)
    if operation.kind == "correction":
        return correction_reason(operation.rule)
    if operation.kind == "calls":
        return formats.duration(operation.quantity)
    if operation.kind == "internet":
        return formats.data_size(operation.quantity)
    if operation.kind in ("content", "partner") and operation.peer:
        return _("“%(name)s”") % {"name": services.get(operation.peer) or operation.peer}
    return ""


def _offline(overview: Overview, gauges: list[charts.Gauge]) -> str:
    facts = [[_("Balance"), formats.money(overview.balance_minor)]]
    facts += [[gauge.name, _left(gauge)] for gauge in gauges]
    return json.dumps({"at": formats.moment(overview.as_of), "facts": facts}, ensure_ascii=False)
