"""The gateway's registry of a day: how it is read, and how it is compared with our payments. Pure.

The format stands in docs/payment-registries.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

VERSION = "1"
COLUMNS = ("operation", "order_number", "gateway_order", "amount", "currency", "at")
PAYMENT, REFUND = "payment", "refund"
LINE_LENGTH_MAX = 1_000
FIELD_LENGTH_MAX = 60
DAYS_MAX = 31
# The gateway's clock and ours differ: what is done so shortly before midnight may stand in the next day's file.
EDGE = timedelta(minutes=30)
_AMOUNT = re.compile(r"([0-9]{1,12})\.([0-9]{2})")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


class BadRegistry(ValueError):
    """The file is no registry that can be believed, and nothing of it is taken; `line` is where, from 1 on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """The days that a registry is of, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Line:
    """One operation: `payment_id` None when the order's number is none of ours, `amount_minor` > 0."""

    number: int
    operation: str
    payment_id: UUID | None
    order_number: str
    amount_minor: int
    currency: str


def header(text: str) -> Header:
    """Read the first line, `registry;1;2026-11-29;2026-11-29`; raise `BadRegistry`."""
    fields = text.split(";")
    if fields[0] != "registry":
        raise BadRegistry(
            1, "a registry begins with registry;1;first day;last day; give the file as the gateway wrote it"
        )
    if len(fields) != 4 or fields[1] != VERSION:
        raise BadRegistry(1, f"only version {VERSION} is known, with the first and the last day")
    try:
        first, last = (date.fromisoformat(day) for day in fields[2:])
    except ValueError:
        raise BadRegistry(1, "the days are written as 2026-11-29") from None
    if not timedelta(0) <= last - first < timedelta(days=DAYS_MAX):
        raise BadRegistry(1, f"a registry is of 1 to {DAYS_MAX} days, the first one first")
    return Header(first, last)


def lines(texts: Iterable[str], totals: Totals) -> Iterator[Line]:
    """Read the lines after the first one, and count them in `totals`; raise `BadRegistry`.

    The file ends with a line of totals: without it, or when it says something else, the file is not whole.
    """
    ended = False
    number = 1
    for number, text in enumerate(texts, 2):
        fields = text.split(";")
        if ended:
            raise BadRegistry(number, "nothing comes after the totals; two files may have been put together")
        if number == 2:
            if tuple(fields) != COLUMNS:
                raise BadRegistry(2, f"the columns are {';'.join(COLUMNS)}")
        elif fields[0] == "total":
            totals.check(number, fields)
            ended = True
        else:
            line = _line(number, fields)
            totals.add(line)
            yield line
    if not ended:
        raise BadRegistry(number, "the totals are missing: the file was cut off; fetch it again")


@dataclass(slots=True)
class Totals:
    """How many lines were read, and their sum: payments less refunds, in minor units."""

    count: int = 0
    amount_minor: int = 0

    def add(self, line: Line) -> None:
        self.count += 1
        self.amount_minor += line.amount_minor if line.operation == PAYMENT else -line.amount_minor

    def check(self, number: int, fields: Sequence[str]) -> None:
        """Compare with the line of totals; raise `BadRegistry`."""
        found = re.fullmatch(r"(-?)([0-9]{1,15})\.([0-9]{2})", fields[2]) if len(fields) == 3 else None
        if found is None or not re.fullmatch("[0-9]{1,9}", fields[1]):
            raise BadRegistry(number, "the totals are total;how many lines;sum as 1234.50")
        said = int(found[2] + found[3]) * (-1 if found[1] else 1)
        if int(fields[1]) != self.count:
            raise BadRegistry(number, f"the totals speak of {int(fields[1])} lines, the file has {self.count}")
        if said != self.amount_minor:
            raise BadRegistry(number, f"the totals say {fields[2]}, the lines add up to {_written(self.amount_minor)}")


def _line(number: int, fields: Sequence[str]) -> Line:
    if len(fields) != len(COLUMNS):
        raise BadRegistry(number, f"{len(COLUMNS)} fields are wanted, there are {len(fields)}; the file may be cut off")
    operation, order_number, gateway_order, amount, currency, at = fields
    if operation not in (PAYMENT, REFUND):
        raise BadRegistry(number, "the operation is payment or refund")
    if not 0 < len(order_number) <= FIELD_LENGTH_MAX or len(gateway_order) > FIELD_LENGTH_MAX:
        raise BadRegistry(number, f"an order's number has 1 to {FIELD_LENGTH_MAX} characters")
    found = _AMOUNT.fullmatch(amount)
    if found is None or not (amount_minor := int(found[1] + found[2])):
        raise BadRegistry(number, "a sum is written as 1234.50, above zero")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise BadRegistry(number, "the currency has three letters, as RUB")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRegistry(number, "the time is written as 2026-11-29T10:15:02+03:00")
    payment_id = UUID(order_number) if _UUID.fullmatch(order_number) else None
    return Line(number, operation, payment_id, order_number, amount_minor, currency)


def _written(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


class Kind(StrEnum):
    """How a registry and our payments disagree."""

    MISSING_HERE = "missing here"
    NOT_SETTLED = "not settled"
    OTHER_SUM = "other sum"
    DOUBLED = "doubled"
    MISSING_THERE = "missing there"
    REFUND_MISSING_HERE = "refund here"
    REFUND_MISSING_THERE = "refund there"


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement, in minor units: what stands there, what stands here; `line` None when nothing stands there."""

    kind: Kind
    line: int | None
    payment_id: UUID | None
    reference: str
    theirs_minor: int | None
    ours_minor: int | None
    ours_state: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """What we know of a payment: `settled_minor` None when it is not settled; refunds that were done, id and sum."""

    state: str
    currency: str
    settled_minor: int | None
    refunds: Sequence[tuple[UUID, int]]


@dataclass(slots=True)
class Compared:
    """What came of comparing: `matched` are payments and refunds by id, each with the number of its line."""

    matched: dict[UUID, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def compare(some: Iterable[Line], ours: Mapping[UUID, Ours], before: Collection[UUID]) -> Compared:
    """Compare lines with our payments; all lines of one payment come together, the first of the file first.

    `before` are the payments and refunds that stood in a registry already, so that each stands in one line of one file.
    """
    compared = Compared()
    for line in some:
        known = ours.get(line.payment_id) if line.payment_id else None
        if known is None:
            _differ(compared, Kind.MISSING_HERE, line)
        elif line.operation == PAYMENT:
            _compare_payment(compared, line, known, before)
        else:
            _compare_refund(compared, line, known, before)
    return compared


def _compare_payment(compared: Compared, line: Line, known: Ours, before: Collection[UUID]) -> None:
    if line.payment_id is None:
        raise ValueError("a payment that is known has an id")
    if line.payment_id in compared.matched or line.payment_id in before:
        _differ(compared, Kind.DOUBLED, line, known)
        return
    # It stands there, whatever is wrong with it: it is not missing, and a second line is one too many.
    compared.matched[line.payment_id] = line.number
    if known.settled_minor is None:
        _differ(compared, Kind.NOT_SETTLED, line, known)
    elif (known.settled_minor, known.currency) != (line.amount_minor, line.currency):
        _differ(compared, Kind.OTHER_SUM, line, known)


def _compare_refund(compared: Compared, line: Line, known: Ours, before: Collection[UUID]) -> None:
    """A registry names no refund, only the payment: the first of that sum that stood nowhere yet is the one."""
    free = [one for one in known.refunds if one[0] not in compared.matched and one[0] not in before]
    same = next((refund_id for refund_id, amount in free if amount == line.amount_minor), None)
    if same is None:
        _differ(compared, Kind.REFUND_MISSING_HERE, line, known)
    else:
        compared.matched[same] = line.number


def _differ(compared: Compared, kind: Kind, line: Line, known: Ours | None = None) -> None:
    compared.differences.append(
        Difference(
            kind,
            line.number,
            line.payment_id if known else None,
            line.order_number,
            line.amount_minor,
            known.settled_minor if known else None,
            known.state if known else "",
        )
    )
