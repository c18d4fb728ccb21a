"""Money from one subscriber to another: the terms by date, who may send how much, and what is shown of whom. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from abonent.foundation.values import Period

# Our own space of names for ids that are made of other ids.
NAMES = UUID("6f1d2c1e-6a52-4b0b-9a41-0f6a7f0c7a11")
CATEGORY = "transfer"
RULE, FEE_RULE = "transfer", "transfer-fee"
METHOD, FAMILY_METHOD, RETURN_METHOD = "transfer in", "family", "transfer back"
# How long what was asked for waits for its proof.
ASKED_FOR = timedelta(minutes=30)
# Names of receivers are shown to people who send money, not to who collects names.
LOOK_UPS = ((10, timedelta(days=1)), (30, timedelta(days=30)))
LOOK_UPS_KEPT = timedelta(days=31)
HISTORY_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for transfers from the day `valid_from` on; sums in minor units, `fee_ppm` in millionths of the sum.

    `kept_minor` must be left on the sender's account; a line younger than `line_age` sends nothing.
    """

    valid_from: date
    fee_ppm: int
    fee_least_minor: int
    least_minor: int
    most_minor: int
    most_a_day_minor: int
    most_a_month_minor: int
    kept_minor: int
    line_age: timedelta
    asked_back_for: timedelta

    def fee_minor(self, amount_minor: int) -> int:
        """Return the fee for a transfer of that sum: a share of it, rounded up to a minor unit, and a least one."""
        return max(self.fee_least_minor, -(-amount_minor * self.fee_ppm // 1_000_000))


TERMS = (
    Terms(date(2020, 1, 1), 0, 700, 1_000, 300_000, 300_000, 1_000_000, 5_000, timedelta(days=60), timedelta(days=7)),
    Terms(
        date(2026, 1, 1), 10_000, 500, 1_000, 500_000, 500_000, 1_500_000, 5_000, timedelta(days=30), timedelta(days=14)
    ),
)


def terms_on(day: date, terms: Sequence[Terms] = TERMS) -> Terms:
    """Return the terms in force on the day; those of the first version for any day before it."""
    return max((one for one in terms if one.valid_from <= day), key=lambda one: one.valid_from, default=terms[0])


class Refusal(StrEnum):
    """Why a transfer cannot be made, the most telling first."""

    BLOCKED = "blocked"
    NOT_YOURS = "not yours"
    BY_BILL = "by bill"
    YOUNG = "young"
    SELF = "self"
    RECEIVER = "receiver"
    SMALL = "small"
    LARGE = "large"
    DAY = "day"
    MONTH = "month"
    LIMIT = "limit"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of who sends: `available_minor` is not held for anything, `promised_minor` of it was lent.

    `owns` says whether the person sees every line of the contract, so that the money on it is theirs to give.
    `day_minor` and `month_minor` went to others today and this month; `limit_left_minor` is what the spending limit of
    the line leaves, None: it holds nothing back.
    """

    contract_id: int
    opened_at: datetime
    prepaid: bool
    blocked: bool
    owns: bool
    available_minor: int
    promised_minor: int = 0
    day_minor: int = 0
    month_minor: int = 0
    limit_left_minor: int | None = None

    @property
    def own_minor(self) -> int:
        """Return the money that is the sender's own."""
        return self.available_minor - self.promised_minor


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not; `missing_minor` of `SHORT`, `most_minor` (or least) of the limits, `until` of `YOUNG`."""

    refusal: Refusal
    missing_minor: int = 0
    most_minor: int = 0
    until: datetime | None = None


def refused(
    *,
    sender: Sender,
    receiver_contract_id: int | None,
    amount_minor: int,
    fee_minor: int,
    terms: Terms,
    at: datetime,
    is_return: bool = False,
) -> Refused | None:
    """Return why the sum cannot go to the receiver (None: nobody who can get money), or None: it can.

    What was sent by mistake goes back without the limits that hold for other money, save that there must be enough.
    """
    if reason := _of_sender(sender, terms, at, is_return=is_return):
        return reason
    if receiver_contract_id == sender.contract_id:
        return Refused(Refusal.SELF)
    if receiver_contract_id is None:
        return Refused(Refusal.RECEIVER)
    if not is_return and (reason := _of_limits(sender, amount_minor, terms)):
        return reason
    if not is_return and (left := sender.limit_left_minor) is not None and amount_minor + fee_minor > left:
        return Refused(Refusal.LIMIT, most_minor=left)
    missing_minor = amount_minor + fee_minor + (0 if is_return else terms.kept_minor) - sender.own_minor
    return Refused(Refusal.SHORT, missing_minor=missing_minor) if missing_minor > 0 else None


def _of_sender(sender: Sender, terms: Terms, at: datetime, *, is_return: bool) -> Refused | None:
    if sender.blocked:
        return Refused(Refusal.BLOCKED)
    if not sender.owns:
        return Refused(Refusal.NOT_YOURS)
    if is_return:
        return None
    if not sender.prepaid:
        return Refused(Refusal.BY_BILL)
    if at < (until := sender.opened_at + terms.line_age):
        return Refused(Refusal.YOUNG, until=until)
    return None


def amount_refused(amount_minor: int, terms: Terms) -> Refused | None:
    """Return why a sum is too small or too large for anybody, or None."""
    if amount_minor < terms.least_minor:
        return Refused(Refusal.SMALL, most_minor=terms.least_minor)
    return Refused(Refusal.LARGE, most_minor=terms.most_minor) if amount_minor > terms.most_minor else None


def _of_limits(sender: Sender, amount_minor: int, terms: Terms) -> Refused | None:
    if reason := amount_refused(amount_minor, terms):
        return reason
    left_today = terms.most_a_day_minor - sender.day_minor
    left_this_month = terms.most_a_month_minor - sender.month_minor
    for too_much, refusal, most_minor in (
        (amount_minor > left_this_month, Refusal.MONTH, max(0, left_this_month)),
        (amount_minor > left_today, Refusal.DAY, max(0, left_today)),
    ):
        if too_much:
            return Refused(refusal, most_minor=most_minor)
    return None


def look_up_allowed_from(times: Sequence[datetime], now: datetime) -> datetime:
    """Return from when on another number may be looked up after those first looked up at `times`: `now`, or later."""
    earliest = now
    for most, span in LOOK_UPS:
        recent = sorted(time for time in times if time > now - span)
        if len(recent) >= most:
            earliest = max(earliest, recent[-most] + span)
    return earliest


def transfer_id(
    form_id: UUID, *, account_id: int, contract_id: int, number: str, amount_minor: int, returns: UUID | None = None
) -> UUID:
    """Return the transfer's id: the same for the same form sent again with the same content, another for any other.

    So a form sent twice is one wish, one gone back to and changed is another, and nobody's form can be guessed.
    """
    return uuid5(form_id, f"{account_id}|{contract_id}|{number}|{amount_minor}|{returns}")


def fee_id(transfer: UUID) -> UUID:
    """Return the id of the charge of a transfer's fee."""
    return uuid5(transfer, "fee")


def day_and_month(at: datetime, zone: ZoneInfo) -> tuple[Period, Period]:
    """Return the local day and calendar month that `at` lies in."""
    today = at.astimezone(zone).date()
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period.of_days(today, today, zone), Period.of_days(first, last, zone)


def name_hint(given_name: str, family_name: str) -> str:
    """Return `Мария К***`: enough to see that the number is the right one, too little to learn who has it."""
    given, family = given_name.strip(), family_name.strip()
    return f"{given} {family[:1]}***".strip() if given else (f"{family[:1]}***" if family else "")


def masked(number: str) -> str:
    """Return a number of which three digits are not said: `+7 900 ···-12-34`."""
    if not number.startswith("+") or len(number) < 10:
        return number
    begin, end = number[:-7], number[-4:]
    head = f"{begin[:2]} {begin[2:]}" if begin.startswith("+7") else begin
    return f"{head} ···-{end[:2]}-{end[2:]}".replace(" ", "\N{NO-BREAK SPACE}")
