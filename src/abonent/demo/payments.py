"""How people pay: prepaid ones before the money runs out, contracts once a month by the bill. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from abonent.demo.dice import key, pick, throw
from abonent.demo.people import MOSCOW, PlannedContract, World

NAMESPACE = uuid5(NAMESPACE_URL, "https://orbita.example/payments")
METHODS = ("sbp", "sbp", "sbp", "card", "card", "autopay", "terminal", "shop", "cash")
ROUND_SUM = 5_000
USUAL_SUMS = (10_000, 20_000, 30_000, 50_000, 70_000)
# What is felt to be little: some fill up early, some at the last moment.
LEAST_KEPT = (0, 5_000, 10_000, 20_000, 30_000)
BILL_DAY = 10
FIRST_HOUR, LAST_HOUR = 8, 22
SOON = timedelta(minutes=40)


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """Money that came for a contract: minor units, an aware time, a way of paying that pages know."""

    payment_id: UUID
    amount_minor: int
    at: datetime
    method: str


def payments(
    world: World, contract: PlannedContract, opened_at: datetime, spent: Mapping[date, int]
) -> list[PlannedPayment]:
    """Return what comes in for a contract that spends `spent` (minor units by day): the same whenever it is asked."""
    payer = _Payer(world, contract, opened_at)
    planned = payer.by_bill(spent) if contract.payment == "postpaid" else payer.in_advance(spent)
    return [payment for payment in planned if payment.at <= world.now]


def payments_for_fees(
    world: World, contract: PlannedContract, opened_at: datetime, fees: Mapping[date, int], spent: Mapping[date, int]
) -> list[PlannedPayment]:
    """Return what comes in for a contract whose fees (minor units by day due) wait for money: each just in time.

    What was `spent` beside fees, minor units by day, is paid with the next of them. Who has forgotten to pay lately
    paid half of the last fee.
    """
    payer = _Payer(world, contract, opened_at)
    due = sorted(fees.items())
    planned, before = [], date.min
    for day, amount in due:
        late = contract.last_payment > 0 and day == due[-1][0]
        used = sum(minor for on, minor in spent.items() if before <= on < day)
        at = max(payer.hour(day - timedelta(days=1)), opened_at)
        planned.append(payer.payment(at, used + (amount // 2 if late else amount)))
        before = day
    return [payment for payment in planned if payment.at <= world.now and payment.amount_minor]


class _Payer:
    def __init__(self, world: World, contract: PlannedContract, opened_at: datetime) -> None:
        self.world, self.contract, self.opened_at = world, contract, opened_at
        self.key = key(world.seed, "payments", contract.number)
        self.first_day = opened_at.astimezone(MOSCOW).date()
        self.last_day = world.today - timedelta(days=contract.last_payment)

    def in_advance(self, spent: Mapping[date, int]) -> Iterator[PlannedPayment]:
        """Yield a payment at the opening, and one on the eve of each day that would leave less than is kept."""
        usual, least = pick(USUAL_SUMS, self.key, 0), pick(LEAST_KEPT, self.key, 2)
        first = _rounded(spent.get(self.first_day, 0) + usual)
        yield self.payment(self.opened_at, first)
        balance = first
        day = self.first_day
        while day <= self.world.today:
            balance -= spent.get(day, 0)
            tomorrow = spent.get(day + timedelta(days=1), 0)
            if balance < tomorrow + least and day <= self.last_day:
                sum_paid = _rounded(tomorrow + least - balance + usual)
                yield self.payment(max(self.hour(day), self.opened_at + SOON), sum_paid)
                balance += sum_paid
            day += timedelta(days=1)

    def by_bill(self, spent: Mapping[date, int]) -> Iterator[PlannedPayment]:
        """Yield what each calendar month cost, paid in the month after."""
        month = self.first_day.replace(day=1)
        while month <= self.world.today:
            following = (month + timedelta(days=31)).replace(day=1)
            bill = sum(amount for day, amount in spent.items() if month <= day < following)
            day = following + timedelta(days=BILL_DAY - 1 + throw(self.key, 1, 5))
            if bill and day <= self.last_day:
                yield self.payment(self.hour(day), bill)
            month = following

    def hour(self, day: date) -> datetime:
        second = FIRST_HOUR * 3600 + throw(self.key, day.toordinal(), (LAST_HOUR - FIRST_HOUR) * 3600)
        return datetime.combine(day, time.min, MOSCOW) + timedelta(seconds=second)

    def payment(self, at: datetime, amount_minor: int) -> PlannedPayment:
        day = at.astimezone(MOSCOW).date()
        name = f"{self.world.seed}/{self.contract.number}/{at.isoformat()}"
        method = pick(METHODS, self.key, day.toordinal() + 1_000_000)
        return PlannedPayment(uuid5(NAMESPACE, name), amount_minor, at, method)


def _rounded(amount_minor: int) -> int:
    return -(-amount_minor // ROUND_SUM) * ROUND_SUM
