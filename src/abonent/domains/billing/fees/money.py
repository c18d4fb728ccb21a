"""What becomes of fees when a prepaid account has less than they cost: charged, waiting, or day by day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from abonent.domains.billing.fees import rules
from abonent.domains.billing.fees.rules import Fee, FeeLine, Mark
from abonent.domains.billing.rules import Assigned

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fee that could not be charged: `amount_minor` is what has to be there now to go on.

    `key` says of which line or service (`FeeLine.key`). It is for the local days from `first` to before `end`.
    `by_day`: the period is paid day by day, and `first` is the next day to pay. `since`: when money was missing first.
    """

    key: int
    contract_id: int
    month: int
    since: datetime
    first: date
    end: date
    amount_minor: int
    version_id: int
    by_day: bool = False

    def paused(self, today: date) -> bool:
        """Return whether the line is not served for want of money on that local day."""
        return self.first <= today < self.end


class Tariffed(NamedTuple):
    """A line with its tariffs in time order, and how often what it paid was given back (`Mark.turn`)."""

    line: FeeLine
    assigned: Sequence[Assigned]
    turn: int


@dataclass
class Settled:
    """What became of the fees of some contracts, by line or service (`FeeLine.key`).

    `charged` is taken; `waiting` waits from now on; of the lines in `paid` nothing waits any more: the fee that did is
    taken (its sum), or nobody asks for it now (None). `unpaid` are lines whose last fee is not paid, `resumed` what was
    paid after waiting: both change how far their line counts as paid.
    """

    charged: list[Fee] = field(default_factory=list)
    waiting: dict[int, Waiting] = field(default_factory=dict)
    paid: dict[int, int | None] = field(default_factory=dict)
    unpaid: set[int] = field(default_factory=set)
    resumed: dict[int, Fee] = field(default_factory=dict)


def needs_money(fee: Fee) -> bool:
    """Return whether the balance has a say: a prepaid line whose tariff does not take the fee all the same."""
    return fee.line.prepaid and fee.version.terms.fee.shortage != "charge" and fee.amount_minor > 0


def settle(
    balance_minor: int,
    fees: Iterable[Fee],
    waiting: Mapping[int, Waiting],
    lines: Mapping[int, Tariffed],
    at: datetime,
    zone: ZoneInfo,
    into: Settled,
) -> int:
    """Settle the fees of one contract at `at`, then what waits (`waiting`); return what is left.

    The older fee comes first. A fee that waits lapses when the line's next one falls due: the days were not served.
    `waiting` and `lines` are by line or service (`FeeLine.key`); `lines` holds every one that waits or gets to.
    """
    ordered = sorted(fees, key=lambda fee: (fee.at, fee.line.product_id, fee.line.line_id))
    last = {fee.line.key: fee for fee in ordered}
    left = dict(waiting)
    for fee in ordered:
        key = fee.line.key
        newest = last[key] is fee
        if not needs_money(fee) or fee.amount_minor <= balance_minor:
            into.charged.append(fee)
            balance_minor -= fee.amount_minor
            if newest and key in left:
                del left[key]
                into.paid[key] = fee.amount_minor
        elif newest:
            left[key] = _begins(fee, left.get(key))
            into.unpaid.add(key)
    # Of one moment, lines come before what is on them.
    for wait in sorted(left.values(), key=lambda wait: (wait.since, wait.key < 0, wait.key)):
        balance_minor = _again(wait, lines[wait.key], balance_minor, at, zone, into)
    return balance_minor


def _begins(fee: Fee, before: Waiting | None) -> Waiting:
    line, by_day = fee.line, fee.version.terms.fee.shortage == "daily"
    amount = fee.amount_minor
    if by_day:
        amount = rules.days_of(line, fee.version, fee.first, fee.first + _DAY, fee.at, fee.turn).amount_minor
    since = before.since if before else fee.at
    version_id = fee.version.id or 0
    return Waiting(line.key, line.contract_id, fee.month, since, fee.first, fee.end, amount, version_id, by_day)


def _again(wait: Waiting, tariffed: Tariffed, balance_minor: int, at: datetime, zone: ZoneInfo, into: Settled) -> int:
    """Charge what waits if there is enough by now; return what is left."""
    line = tariffed.line
    today = at.astimezone(zone).date()
    closed = line.closed_at is not None and at >= line.closed_at
    if closed or today >= wait.end:
        into.paid[line.key] = None
        return balance_minor
    fee = asked_now(wait, tariffed, at, zone)
    if fee is None:
        into.waiting[line.key] = wait
        return balance_minor
    by_day = wait.by_day and fee.days == 1 and fee.version.terms.fee.shortage == "daily"
    if needs_money(fee) and fee.amount_minor > balance_minor:
        into.waiting[line.key] = replace(
            wait, amount_minor=fee.amount_minor, version_id=fee.version.id or 0, by_day=by_day,
            first=wait.first if not by_day else fee.first,
        )  # fmt: skip
        return balance_minor
    into.charged.append(fee)
    if by_day and fee.end < wait.end:
        tomorrow = rules.days_of(line, fee.version, fee.end, fee.end + _DAY, at, fee.turn)
        into.waiting[line.key] = replace(wait, first=fee.end, amount_minor=tomorrow.amount_minor)
    else:
        into.paid[line.key] = fee.amount_minor
        if not by_day:
            into.resumed[line.key] = fee
    return balance_minor - fee.amount_minor


def asked_now(wait: Waiting, tariffed: Tariffed, at: datetime, zone: ZoneInfo) -> Fee | None:
    """Return what the tariff of the day at `at` asks for instead of the fee that waits; None: nothing today."""
    line, assigned, turn = tariffed
    today = at.astimezone(zone).date()
    begins = max(rules.midnight(today, zone), line.opened_at)
    tariff = next((one for one in assigned if begins in one), None)
    if tariff is None or at < wait.since:
        return None
    version, terms = tariff.version, tariff.version.terms.fee
    start, end = rules.period_days(line.day, wait.month)
    if terms.per == "day":
        length = (end - start).days
        rule: rules.Rule = rules.BLOCK_DAY if tariff.blocked else rules.DAY
        return Fee(line, wait.month, today, today + _DAY, length, version, rule, version.fee_minor, at, turn)
    if not terms.by_days:
        length = (end - start).days
        return Fee(line, wait.month, wait.first, end, length, version, "fee", version.fee_minor, at, turn)
    if wait.by_day and terms.shortage == "daily":
        return rules.days_of(line, version, today, today + _DAY, at, turn) if wait.first <= today else None
    first = max(wait.first, today) if wait.by_day else today
    if not wait.by_day and terms.resumes == "period":
        first = wait.first
        if tariff.valid_from > line.opened_at:
            # Another tariff since: the days before it were never served.
            first = max(first, rules.first_day_from(tariff.valid_from, zone))
    return rules.days_of(line, version, first, end, at, turn)


def marks_after(marks: Mapping[int, Mark], settled: Settled) -> dict[int, Mark]:
    """Return the marks by line after all: what was not paid cannot be given back, what was paid late can."""
    return {
        key: replace(mark, first=None, version_id=None) if key in settled.unpaid else mark
        for key, mark in marks.items()
    } | {key: rules.mark_after(fee) for key, fee in settled.resumed.items()}
