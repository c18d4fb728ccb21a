"""A forecast as the words and numbers of its page. No I/O: the day comes in as an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from abonent.domains.billing.fees.forecast import Coming, Forecast
from abonent.domains.billing.fees.rules import BLOCK_DAY, DAY, RETURN
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.billing.statement_words import spoken
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A charge: what and for whom, its sum, what is left after it or missing for it, and how it comes about."""

    title: str
    about: str
    amount: str
    after: str
    missing: str
    formula: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows, as text. `exact` is the sum that is missing, as the form of a top-up takes it."""

    balance: formats.MoneyParts
    summary: str
    missing: str
    exact: str
    settled: str
    days: list[tuple[str, list[Row]]]
    lines: list[tuple[str, str]]
    total: str


def present(found: Forecast, lines: Sequence[Line], selected: Line, today: date) -> Page:
    """Return the page for somebody who sees `lines`, others of the contract without their numbers."""
    names = {line.id: formats.phone(line.number) for line in lines if line.contract_id == selected.contract_id}
    all_lines = {one.line_id for one in found.coming if one.line_id} | {selected.id}
    several = len(all_lines) > 1
    rows: dict[str, list[Row]] = {}
    for one in found.coming:
        rows.setdefault(_when(one, today), []).append(_row(one, names, several=several, prepaid=found.prepaid))
    missing = found.missing_minor
    return Page(
        balance=formats.money_parts(found.balance_minor),
        summary=_("%(sum)s will be charged until %(day)s.")
        % {"sum": formats.money(found.total_minor), "day": formats.day(found.until)},
        missing=formats.money(missing) if missing else "",
        exact=f"{missing // 100}.{missing % 100:02}" if missing else "",
        settled=_("There is enough money.") if found.prepaid else _("You pay by bill: no need to top up in advance."),
        days=list(rows.items()),
        lines=_of_lines(found, names) if several else [],
        total=formats.money(found.total_minor),
    )


def _of_lines(found: Forecast, names: dict[int, str]) -> list[tuple[str, str]]:
    told = [(name, formats.money(found.of_line(line_id))) for line_id, name in names.items()]
    others = sum(one.amount_minor for one in found.coming if one.line_id and one.line_id not in names)
    return told + ([(_("All else on the contract"), formats.money(others))] if others else [])


def _when(one: Coming, today: date) -> str:
    if one.first == one.last:
        day = formats.day(one.first)
        names = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}
        return f"{names[one.first]}, {day}" if one.first in names else day
    return formats.days(one.first, one.last)


def _row(one: Coming, names: dict[int, str], *, several: bool, prepaid: bool) -> Row:
    whose = names.get(one.line_id or 0) or _("Something else on the contract") if several and one.line_id else ""
    return Row(
        title=_title(one),
        about=whose,
        amount=formats.money(one.amount_minor),
        after=_("Balance after: %(sum)s") % {"sum": formats.money(one.balance_after_minor)} if prepaid else "",
        missing=_("Short by %(sum)s") % {"sum": formats.money(one.missing_minor)} if one.missing_minor else "",
        formula=_formula(one),
        reasons=_reasons(one, prepaid=prepaid),
    )


def _title(one: Coming) -> str:
    if one.names is not None:
        if one.names:
            return _("Ordered: “%(what)s”") % {"what": spoken(one.names, "")}
        return _("A block for a while") if one.rule == BLOCK_DAY else _("What you ordered")
    if one.rule == RETURN and one.version is not None:
        return _("Back for days not used: “%(tariff)s”") % {
            "tariff": spoken(one.version.names, one.version.tariff_code)
        }  # fmt: skip
    if one.version is None:
        told = {
            "promised": _("Promised payment taken back"),
            "equipment": _("Equipment: %(name)s") % {"name": one.service},
        }
        return told.get(one.kind, one.kind)
    parts = {"tariff": spoken(one.version.names, one.version.tariff_code)}
    if one.service:
        waits = one.kind == "waiting"
        return (_("Service “%(tariff)s”, waits for money") if waits else _("Service “%(tariff)s”")) % parts
    if one.rule == BLOCK_DAY:
        return _("A block for a while")
    if one.kind == "waiting":
        return _("Fee of the tariff “%(tariff)s”, waits for money") % parts
    return _("Fee of the tariff “%(tariff)s”") % parts


def _formula(one: Coming) -> str:
    if one.version is None:
        return ""
    whole = 1 if one.rule in (DAY, BLOCK_DAY) else one.period_days
    return fees_words.formula(
        one.rule, one.version.fee_minor, one.days, whole, one.amount_minor, service=bool(one.service)
    )


def _reasons(one: Coming, *, prepaid: bool) -> list[str]:
    """Return what the sum is for, what happens without money, and since when that is the rule."""
    if one.names is not None:
        return [_("The price is held. Until that day you can undo the order, then nothing is charged.")]
    if one.version is None:
        return []
    told = [_("For %(days)s.") % {"days": fees_words.span(one.covers, one.covers_end)}]
    if one.kind == "waiting":
        told.append(_("It could not be charged when it was due. It is charged as soon as there is enough."))
    if one.service:
        told.append(fees_words.service_without_money(prepaid=prepaid))
    else:
        told.append(fees_words.without_money(one.version.terms.fee, prepaid=prepaid))
    since = _("In force since %(day)s.") if one.service else _("Terms of the tariff in force since %(day)s.")
    since %= {"day": formats.day(one.version.valid_from, year=True)}
    return [*told, since]
