"""What a change of the tariff costs, what comes back, and what was charged meanwhile that no longer holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import FeeLine, Mark
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.catalog.rules_comparison import fee_of_a_month

# The rule's name of what a change itself costs.
CHANGE_RULE = "tariff-change"
# The first fee of any tariff, and the one after it, come within two periods.
_TWO_PERIODS = timedelta(days=63)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a change costs: `once_minor` for itself; `back_minor` comes back of the old fee, for days not served.

    The first fee of the new tariff is `first_minor`, for the days from `first` to before `end`, charged on `first`;
    the next one is charged on `end`. `soon`: the first fee falls due with the change.
    """

    once_minor: int
    back_minor: int
    first_minor: int
    first: date
    end: date
    soon: bool

    @property
    def total_minor(self) -> int:
        """Return what the change costs in the end; less than nothing: so much comes back."""
        return self.once_minor + self.first_minor - self.back_minor

    @property
    def needed_minor(self) -> int:
        """Return what has to be there for it: what falls due with it, less what comes back before."""
        return self.once_minor + (max(0, self.first_minor - self.back_minor) if self.soon else 0)


def replaced(assigned: Sequence[Assigned], version: TariffVersion, since: datetime) -> list[Assigned]:
    """Return the tariffs of a line that has another from `since` on; what was planned for later does not come."""
    kept = [one for one in assigned if one.valid_from < since]
    cut = [replace(one, valid_until=min(one.valid_until or since, since)) for one in kept]
    return [*cut, Assigned(version, since, None)]


def quote(
    line: FeeLine,
    mark: Mark | None,
    assigned: Sequence[Assigned],
    version: TariffVersion,
    since: datetime,
    *,
    at_once: bool,
    zone: ZoneInfo,
) -> Quote:
    """Return what it costs to have `version` from `since` on; `mark` says how far fees are settled now."""
    changed = replaced(assigned, version, since)
    # Until then fees are taken as if nothing were to change.
    _, mark = fees_rules.due(line, mark, assigned, since - _INSTANT, zone)
    back = None
    if mark is not None:
        back, mark = fees_rules.given_back(line, mark, changed, since, zone)
    fees, _ = fees_rules.due(line, mark, changed, since + _TWO_PERIODS, zone)
    begins = fees_rules.first_day_from(since, zone)
    first = next(fee for fee in fees if fee.first >= begins)
    return Quote(
        once_minor=version.terms.switching.price_minor,
        back_minor=-back.amount_minor if back else 0,
        first_minor=first.amount_minor,
        first=first.first,
        end=first.end,
        soon=at_once and first.first == begins,
    )


def starts_with_a_period(old: TariffVersion, new: TariffVersion) -> bool:
    """Return whether the change can only come with a period.

    A month that was paid whole covers its period, whichever tariff the line has: a dearer one would be had for less.
    """
    whole = old.terms.fee.per == "month" and not old.terms.fee.by_days
    return whole and fee_of_a_month(new) > fee_of_a_month(old)


def settled_too_far(
    line: FeeLine, mark: Mark | None, old: TariffVersion, since: datetime, zone: ZoneInfo
) -> date | None:
    """Return the first day whose fee was asked for by the old tariff though the line had the new one by then.

    None: there is none. Days of a fee by days are given back anyway (`fees.rules.given_back`).
    """
    if mark is None or old.terms.fee.by_days:
        return None
    day = fees_rules.first_day_from(since, zone)
    if old.terms.fee.per == "month":
        start, following = fees_rules.period_days(line.day, fees_rules.month_of(line.day, day))
        day = day if day == start else following
    return day if day < fees_rules.next_day(line, mark, zone) else None
