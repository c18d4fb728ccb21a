"""What autopay counts on: everything that is foretold to be charged, also what is ordered for a day to come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from abonent.domains.billing import equipment_rules, rules
from abonent.domains.billing.fees import ordered as fees_ordered
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.forecast import Coming, Forecast, forecast
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.lines.queries import Line

# How many days before an order takes effect a balance that will fall below the threshold is seen to: one to tell, one
# to pay.
DAYS_BEFORE = 2
# More would not fit into a message.
PARTS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What is charged until the end of `day`, in `parts`: the balance falls to `lowest_minor` for it on some day.

    `owed_minor` is taken back later, and repaid by any top-up before that.
    """

    day: date
    balance_minor: int
    lowest_minor: int
    owed_minor: int
    parts: tuple[Coming, ...]
    prepaid: bool = True

    @property
    def lacks_minor(self) -> int:
        """Return how much is to be topped up for all of it."""
        return self.owed_minor - self.lowest_minor if self.prepaid and self.lowest_minor < 0 else 0

    @property
    def total_minor(self) -> int:
        return sum(one.amount_minor for one in self.parts)


def need(found: Forecast, day: date) -> Need:
    """Return what is charged until the end of the day, of a forecast day by day."""
    parts = tuple(one for one in found.coming if one.first <= day)
    balance_minor = lowest_minor = found.balance_minor
    for on in sorted({one.first for one in parts}):
        balance_minor -= sum(one.amount_minor for one in parts if one.first == on)
        lowest_minor = min(lowest_minor, balance_minor)
    owed = [one for one in found.coming if one.kind == promised_rules.METHOD and one.first > day]
    owed_minor = sum(one.amount_minor for one in owed)
    return Need(day, found.balance_minor, lowest_minor, owed_minor, parts, found.prepaid)


def fee_day(found: Forecast, line_id: int, otherwise: date) -> date:
    """Return the day of the line's next fee; `otherwise` when its tariff has none."""
    fees = [one for one in found.coming if one.line_id == line_id and not one.service
            and one.kind in ("fee", "waiting") and one.rule != fees_rules.BLOCK_DAY]  # fmt: skip
    return min((one.first for one in fees if one.amount_minor > 0), default=otherwise)


def of_next_fee(line: Line, at: datetime) -> Need:
    """Return what the contract needs for all that is charged until the next fee of the line."""
    zone = ZoneInfo(settings.TIME_ZONE)
    planned = fees_ordered.of_contract(line.contract_id, at)
    found = forecast(contract_id=line.contract_id, now=at, planned=planned, day_by_day=True)
    ends = rules.period_of(line.period_day, at, zone).end.astimezone(zone).date()
    return need(found, fee_day(found, line.id, ends))


def of_orders(line: Line, at: datetime) -> Need | None:
    """Return what the contract needs until the last day within `DAYS_BEFORE` on which an order takes effect, if any."""
    zone = ZoneInfo(settings.TIME_ZONE)
    planned = fees_ordered.of_contract(line.contract_id, at)
    days = [one.at.astimezone(zone).date() for one in planned]
    soon = [day for day in days if day <= at.astimezone(zone).date() + timedelta(days=DAYS_BEFORE)]
    if not soon:
        return None
    return need(forecast(contract_id=line.contract_id, now=at, planned=planned, day_by_day=True), max(soon))


def contracts(at: datetime) -> list[int]:
    """Return the contracts for which something that is ordered takes effect soon."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return fees_ordered.contracts(
        fees_rules.midnight(at.astimezone(zone).date() + timedelta(days=DAYS_BEFORE + 1), zone)
    )


def told(found: Need, language: str) -> dict[str, str]:
    """Return what a message says of it: until when, how much of what, from which balance."""
    parts: dict[tuple[str, str], int] = {}
    for one in found.parts:
        what = (_kind(one), _name(one, language))
        parts[what] = parts.get(what, 0) + one.amount_minor
    rows = [(*what, str(amount_minor)) for what, amount_minor in parts.items() if amount_minor]
    rows.sort(key=lambda row: -abs(int(row[2])))
    rest_minor = sum(int(row[2]) for row in rows[PARTS_TOLD:])
    rows = rows[:PARTS_TOLD] + ([("other", "", str(rest_minor))] if rest_minor else [])
    return {
        "until": found.day.isoformat(),
        "total": str(found.total_minor),
        "parts": json.dumps(rows, ensure_ascii=False),
        "balance": str(found.balance_minor),
    }


def _kind(one: Coming) -> str:
    if one.kind in (promised_rules.METHOD, equipment_rules.CATEGORY, "order"):
        return one.kind
    if one.rule in (fees_rules.RETURN, fees_rules.BLOCK_DAY):
        return one.rule
    return "service" if one.service else "tariff"


def _name(one: Coming, language: str) -> str:
    names = one.names if one.names is not None else one.version.names if one.version else {}
    if one.rule == fees_rules.BLOCK_DAY:
        return ""
    return names.get(language) or names.get(settings.LANGUAGE_CODE) or one.service
