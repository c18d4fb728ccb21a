"""One's numbers as rows, and the sums under them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from abonent.domains.billing.queries_lines import Money
from abonent.domains.lines.access import may
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing.queries import Agreement, Request
from abonent.domains.lines.sharing.rules import COLOURS, Permission, RequestState
from abonent.entrypoints.portal.numbers import words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A number of the list; sums are empty when they may not be seen. `key` is the class of its colour."""

    line: Line
    key: str
    about: str
    badge: str
    balance: str
    spent: str
    here: bool


@dataclass(frozen=True, slots=True)
class Given:
    """Who sees one of my numbers."""

    id: int
    title: str
    about: str
    looked: str
    badge: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for another number of one's own; `open`: it can be called off."""

    id: int
    number: str
    about: str
    open: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything the page shows; `balance` and `spent` are of all numbers whose money may be seen."""

    rows: list[Row]
    balance: str
    spent: str
    given: list[Given]
    asked: list[Asked]
    about_me: list[Asked]


def key(colour: str) -> str:
    """Return the class that draws a colour."""
    return f"c{COLOURS.index(colour) + 1}" if colour in COLOURS else ""


def present(
    lines: list[Line], here: Line, money: Money, tariffs: Mapping[int, str], given: list[Agreement],
    requests: list[Request], about_me: list[Request],
) -> Numbers:  # fmt: skip
    """Return the page: each number once, each contract's balance once in the sum."""
    seen_balance = {line.contract_id for line in lines if may(line, Permission.BALANCE)}
    seen_spent = {line.id for line in lines if may(line, Permission.EXPENSES)}
    return Numbers(
        rows=[_row(line, here, money, tariffs) for line in lines],
        balance=formats.money(sum(money.balance_minor.get(contract_id, 0) for contract_id in seen_balance)),
        spent=formats.money(sum(money.spent_minor.get(line_id, 0) for line_id in seen_spent)),
        given=[_given(one) for one in given if one.is_owner],
        asked=[
            Asked(one.id, formats.phone(one.number), words.asked(one), one.state is RequestState.ASKED)
            for one in requests
        ],
        about_me=[
            Asked(
                one.id,
                formats.phone(one.viewer_number),
                _("asks to see %(number)s, as a number of one owner") % {"number": formats.phone(one.number)},
                True,
            )
            for one in about_me
        ],
    )


def _row(line: Line, here: Line, money: Money, tariffs: Mapping[int, str]) -> Row:
    spent = money.spent_minor.get(line.id, 0)
    return Row(
        line=line,
        key=key(line.colour),
        about=_("Tariff “%(tariff)s”") % {"tariff": tariffs.get(line.tariff_version_id, "")},
        badge=words.role(line.role),
        balance=formats.money(money.balance_minor.get(line.contract_id, 0)) if may(line, Permission.BALANCE) else "",
        spent=formats.money(spent) if may(line, Permission.EXPENSES) else "",
        here=line.id == here.id,
    )


def _given(one: Agreement) -> Given:
    return Given(
        id=one.id,
        title=" · ".join(part for part in (one.viewer_name, formats.phone(one.viewer_number)) if part),
        about=_("sees %(number)s since %(day)s") % {"number": formats.phone(one.number), "day": formats.day(one.since)},
        looked=looked(one),
        badge=words.role(one.role),
    )


def looked(one: Agreement) -> str:
    """Return when somebody looked last."""
    if one.looked_at is None:
        return _("never looked yet")
    return _("looked last on %(time)s") % {"time": formats.moment(one.looked_at)}
