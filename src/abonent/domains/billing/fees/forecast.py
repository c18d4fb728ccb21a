"""What will be charged to a contract in the coming days, with the balance after each, and what will be missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from abonent.domains.billing import equipment, equipment_rules, queries
from abonent.domains.billing.fees import money as fees_money
from abonent.domains.billing.fees import planned as fees_planned
from abonent.domains.billing.fees import products as fees_products
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees import state as fees_state
from abonent.domains.billing.fees.planned import Planned, Stage
from abonent.domains.billing.fees.rules import RETURN, Fee, Mark
from abonent.domains.billing.pauses import queries as pauses_queries
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines import queries_bulk as lines

DAYS_AHEAD = 30
# Long enough for the next fee of any monthly tariff.
_NEXT_WITHIN = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Coming:
    """A sum that will be charged; `days` in a row of a daily fee are one, from `first` to `last`.

    `kind` is `fee`, `waiting` (a fee that could not be charged when it was due), `promised` (what is owed, taken back),
    `equipment` (rent, an instalment; `service` names the thing) or `order` (the price of what is ordered for that day,
    called by its `names`). A fee has its line, tariff and rule (`fees.rules.RULES`), the part of its period that is
    paid and the days from `covers` to before `covers_end`; another's has none. What comes back is less than nothing.
    `missing_minor`: so much less than the sum is there. Of a service on the line, `service` is the code of its offer.
    A fee that `waits` for money is not taken then, so the balance stays.
    """

    first: date
    last: date
    kind: str
    amount_minor: int
    balance_after_minor: int
    missing_minor: int
    waits: bool = False
    line_id: int | None = None
    service: str = ""
    rule: str = ""
    days: int = 1
    period_days: int = 1
    covers: date | None = None
    covers_end: date | None = None
    version: TariffVersion | None = None
    names: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What comes to a contract, in time order, and what it has; `missing_minor` more is needed for all of it.

    `until` is the last day that is told of; of a line with nothing until then, its next fee stands there all the same.
    """

    balance_minor: int
    prepaid: bool
    until: date
    coming: tuple[Coming, ...]

    @property
    def total_minor(self) -> int:
        return sum(one.amount_minor for one in self.coming)

    @property
    def missing_minor(self) -> int:
        return max(0, self.total_minor - self.balance_minor) if self.prepaid else 0

    def of_line(self, line_id: int) -> int:
        """Return the sum of what comes to one of the lines."""
        return sum(one.amount_minor for one in self.coming if one.line_id == line_id)


def forecast(*, contract_id: int, now: datetime, planned: Sequence[Planned] = (), day_by_day: bool = False) -> Forecast:
    """Return what will be charged to the contract in 30 days from `now`: fees, and a promised payment taken back.

    `planned` are changes that are ordered for its lines, in time order: what they cost, and what fees are after them.
    With `day_by_day` each day of a daily fee stands by itself.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    found = lines.of_contracts([contract_id])
    balance = queries.balance(contract_id)
    today = now.astimezone(zone).date()
    until = today + timedelta(days=DAYS_AHEAD)
    open_ = found.filter(found["closed_at"].is_null() | (found["closed_at"] > now))
    state = fees_state.of_all(open_) if len(open_) else fees_state.State({}, {}, {})
    state = fees_products.with_all_products(state, open_, now)
    prepaid = bool(open_["prepaid"].all())
    events = [
        *_waiting(state, now, zone),
        *_ordered(planned, until, zone),
        *_due(state, _stages(state, open_, planned, zone), now, until, zone),
        *_taken_back(contract_id, now, until, zone),
        *_of_equipment(open_["line_id"].to_list(), today, until),
    ]
    return Forecast(
        balance, prepaid, until, tuple(_with_balances(events, balance, prepaid=prepaid, day_by_day=day_by_day))
    )


def _of_equipment(line_ids: list[int], today: date, until: date) -> Iterable[Coming]:
    """Yield rent and instalments of the things that the lines are used with."""
    for thing, due in equipment.coming(line_ids, today, until):
        yield Coming(
            due.day, due.day, equipment_rules.CATEGORY, due.amount_minor, 0, 0,
            line_id=thing.line_id, service=thing.model,
        )  # fmt: skip


# Of a line or service how fees are due for it now, how far they are settled, and what follows.
_Stages = tuple[Stage, Mark | None, list[Stage]]


def _due(
    state: fees_state.State, stages: Mapping[int, list[_Stages]], now: datetime, until: date, zone: ZoneInfo
) -> Iterable[Coming]:
    today = now.astimezone(zone).date()
    horizon = fees_rules.midnight(until + timedelta(days=1), zone)
    every = [one for key in state.lines for one in stages.get(key) or [_as_it_is(state, key, now)]]
    for stage, mark, following in every:
        fees = [one for one in fees_planned.due(stage, mark, following, now + _NEXT_WITHIN, zone) if one.amount_minor]
        soon = [fee for fee in fees if fee.at < horizon]
        for fee in soon or fees[:1]:
            yield _coming(fee, max(fee.at.astimezone(zone).date(), today))


def _as_it_is(state: fees_state.State, key: int, now: datetime) -> _Stages:
    tariffed = state.lines[key]
    return Stage(now, tariffed.line, tariffed.assigned), state.marks[key], []


def _stages(
    state: fees_state.State, lines_of: pl.DataFrame, planned: Sequence[Planned], zone: ZoneInfo
) -> dict[int, list[_Stages]]:
    """Return what follows on the lines on which something is planned, and for their services, by key."""
    by_line: dict[int, list[Planned]] = {}
    for one in planned:
        by_line.setdefault(one.line_id, []).append(one)
    some = lines_of.filter(pl.col("line_id").is_in(list(by_line)))
    if not len(some):
        return {}
    plain = fees_state.of_all(some, blocks=False)
    pauses = pauses_queries.of_lines(list(by_line))
    found: dict[int, list[_Stages]] = {}
    for key, tariffed in state.lines.items():
        own = by_line.get(tariffed.line.line_id)
        if own is None:
            continue
        stage = Stage(own[0].at, tariffed.line, tariffed.assigned)
        if tariffed.line.product_id:
            found[key] = [(stage, state.marks[key], fees_planned.of_service(tariffed, own, zone))]
            continue
        rests = pauses.get(key, ())
        following = fees_planned.of_line(tariffed, plain.lines[key].assigned, rests, own, zone)
        new = fees_planned.new_services(tariffed.line, rests, own, zone)
        found[key] = [(stage, state.marks[key], following), *((begins, None, later) for begins, later in new)]
    return found


def _ordered(planned: Iterable[Planned], until: date, zone: ZoneInfo) -> Iterable[Coming]:
    """Yield the prices of what is ordered: they are held already, and charged when it takes effect."""
    for one in planned:
        day = one.at.astimezone(zone).date()
        if one.once_minor and day <= until:
            rule = fees_rules.BLOCK_DAY if one.pause is not None else ""
            yield Coming(
                day, day, "order", one.once_minor, 0, 0, line_id=one.line_id, rule=rule, names=one.names
            )  # fmt: skip


def _waiting(state: fees_state.State, now: datetime, zone: ZoneInfo) -> Iterable[Coming]:
    """Yield what waits, as it would be charged today, and the days still to come of a month paid day by day."""
    today = now.astimezone(zone).date()
    for key, wait in state.waiting.items():
        tariffed = state.lines[key]
        day, at = today, now
        while day < wait.end:
            fee = fees_money.asked_now(wait, tariffed, at, zone)
            if fee:
                yield replace(_coming(fee, day), kind="waiting" if wait.paused(day) and day == today else "fee")
            if not wait.by_day:
                break
            day += timedelta(days=1)
            at = fees_rules.midnight(day, zone)


def _coming(fee: Fee, day: date) -> Coming:
    return Coming(
        day, day, "fee", fee.amount_minor, 0, 0,
        waits=fee.rule != RETURN and fees_money.needs_money(fee), line_id=fee.line.line_id,
        service=fee.line.offer_code, rule=fee.rule, days=fee.days, period_days=fee.period_days, covers=fee.first,
        covers_end=fee.end, version=fee.version,
    )  # fmt: skip


def _taken_back(contract_id: int, now: datetime, until: date, zone: ZoneInfo) -> Iterable[Coming]:
    """Yield what the deadline of a promised payment takes, should nothing be topped up before."""
    owed = promised_queries.owed(contract_id)
    day = max(owed.due_at, now).astimezone(zone).date() if owed else until
    if owed and day <= until:
        yield Coming(day, day, promised_rules.METHOD, owed.left_minor, 0, 0)


def _with_balances(events: Iterable[Coming], balance: int, *, prepaid: bool, day_by_day: bool) -> Iterable[Coming]:
    """Yield the events in time with the balance after each; days of a fee that follow each other become one."""
    ordered = sorted(events, key=lambda event: (event.first, event.line_id or 0))
    decided = list(_decided(ordered, balance))
    for one in decided if day_by_day else _joined(decided):
        missing = max(0, one.amount_minor - balance) if prepaid else 0
        if not one.waits:
            balance -= one.amount_minor
        yield replace(one, balance_after_minor=balance, missing_minor=missing)


def _decided(ordered: Iterable[Coming], balance: int) -> Iterable[Coming]:
    """Yield the events, each knowing whether it will wait for money."""
    for one in ordered:
        waits = one.waits and one.amount_minor > balance
        if not waits:
            balance -= one.amount_minor
        yield replace(one, waits=waits)


def _joined(ordered: Sequence[Coming]) -> Iterable[Coming]:
    """Yield what comes; between two other charges each line's daily ones are one, those that will wait another."""
    for daily, some in groupby(ordered, key=_is_daily):
        if not daily:
            yield from some
            continue
        by_line = sorted(some, key=lambda one: (one.line_id or 0, one.service, one.first))
        for _, of_line in groupby(
            by_line, key=lambda one: (one.line_id, one.service, one.rule, one.version, one.kind, one.waits)
        ):
            days = list(of_line)
            yield replace(
                days[0], last=days[-1].last, covers_end=days[-1].covers_end, days=len(days),
                amount_minor=sum(one.amount_minor for one in days),
            )  # fmt: skip


def _is_daily(one: Coming) -> bool:
    return one.kind == "fee" and one.days == 1 and one.rule in (fees_rules.DAY, fees_rules.BLOCK_DAY, fees_rules.PART)
