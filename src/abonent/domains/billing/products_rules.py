"""What a service costs when it is connected, and whether there is enough for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import Fee, FeeLine, Mark
from abonent.domains.billing.rules import Assigned, Category
from abonent.domains.catalog.offers.rules import OfferVersion

CATEGORY: Category = "service"
ONCE_RULE = "service-once"
SIM_RULE, NUMBER_RULE, PORTING_RULE = "sim-once", "number-once", "porting-once"


@dataclass(frozen=True, slots=True)
class Price:
    """What is taken when a service begins: `once_minor`, and `fee_minor` for the days from `first` to before `end`.

    `next_minor` is charged on the day `next_on` and from then on per month or day, None: nothing ever is.
    """

    once_minor: int
    fee_minor: int
    first: date
    end: date
    next_minor: int
    next_on: date | None

    @property
    def total_minor(self) -> int:
        return self.once_minor + self.fee_minor


def price(line: FeeLine, version: OfferVersion, mark: Mark | None, at: datetime, zone: ZoneInfo) -> Price:
    """Return what it costs to begin at `at`; `line` is that of the service, `mark` of one that ended on that day."""
    day = at.astimezone(zone).date()
    if not version.fee_minor:
        return Price(version.once_minor, 0, day, day, 0, None)
    fees = first_fees(line, version, mark, at, zone)
    settled = fees_rules.mark_after(fees[-1]) if fees else mark
    next_on = fees_rules.next_day(line, settled, zone)
    first, end = (fees[0].first, fees[-1].end) if fees else (day, next_on)
    return Price(version.once_minor, sum(fee.amount_minor for fee in fees), first, end, version.fee_minor, next_on)


def first_fees(line: FeeLine, version: OfferVersion, mark: Mark | None, at: datetime, zone: ZoneInfo) -> list[Fee]:
    """Return the fees that fall due when the service begins at `at`: one, or none on a day that is paid."""
    fees, _ = fees_rules.due(line, mark, [Assigned(version.as_fee(), line.opened_at, None)], at, zone)
    return fees


def missing_minor(total_minor: int, available_minor: int, *, prepaid: bool) -> int:
    """Return how much is lacking: nothing for who pays by bill, or when nothing is taken."""
    return max(0, total_minor - max(available_minor, 0)) if prepaid and total_minor else 0
