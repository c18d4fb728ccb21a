"""Receipts for the tax office (Federal Law 54-FZ) as values, with the names of format FFD 1.2. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

from abonent.domains.billing.bills.vat import percent_on, vat_in

FORMAT = 4  # tag 1209: FFD 1.2
GENERAL_TAXATION = 1  # tag 1055
PIECE = 0  # tag 2108: a service is counted in pieces
# Tag 1199: what is sold, and what is paid in advance. The Federal Tax Service's order ЕД-7-20/1050@ added 22 %.
VAT_CODES = {18: (1, 3), 20: (1, 3), 22: (11, 12)}
WAIT_FIRST_S, WAIT_MAX_S = 10, 3600


class Operation(IntEnum):
    """Tag 1054."""

    INCOME = 1
    RETURN = 2


class Settlement(IntEnum):
    """Tag 1214: money that comes before the service, or for what was rendered."""

    ADVANCE = 3
    FULL = 4


class Subject(IntEnum):
    """Tag 1212."""

    SERVICE = 4
    PAYMENT = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One position; the tags are 1030, 1079 (and 1043, since it is one piece), 1199, 1200, 1212, 1214."""

    name: str
    amount_minor: int
    vat_code: int
    vat_minor: int
    subject: Subject
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Seller:
    """Who takes the money: tags 1048, 1018, 1187."""

    name: str
    tax_number: str
    site: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a register is asked to register; `id` is the payment's or refund's, `customer` whom it goes to (1008)."""

    id: UUID
    operation: Operation
    made_at: datetime
    seller: Seller
    customer: str
    items: tuple[Item, ...]
    cash_minor: int
    electronic_minor: int

    @property
    def total_minor(self) -> int:
        return self.cash_minor + self.electronic_minor

    def tags(self) -> dict[str, Any]:
        """Return the document by tags, sums in roubles with a point, as registers take it."""
        return {
            "1209": FORMAT,
            "1054": int(self.operation),
            "1012": self.made_at.isoformat(timespec="seconds"),
            "1048": self.seller.name,
            "1018": self.seller.tax_number,
            "1187": self.seller.site,
            "1055": GENERAL_TAXATION,
            "1125": 1,
            "1008": self.customer,
            "1059": [
                {
                    "1030": item.name,
                    "1079": _roubles(item.amount_minor),
                    "1023": "1",
                    "2108": PIECE,
                    "1043": _roubles(item.amount_minor),
                    "1199": item.vat_code,
                    "1200": _roubles(item.vat_minor),
                    "1212": int(item.subject),
                    "1214": int(item.settlement),
                }
                for item in self.items
            ],
            "1020": _roubles(self.total_minor),
            "1031": _roubles(self.cash_minor),
            "1081": _roubles(self.electronic_minor),
            "1215": _roubles(0),
            "1216": _roubles(0),
            "1217": _roubles(0),
        }


def receipt(
    *,
    id: UUID,  # noqa: A002 - the id of the receipt, as everywhere
    operation: Operation,
    name: str,
    amount_minor: int,
    cash: bool,
    advance: bool,
    seller: Seller,
    customer: str,
    made_at: datetime,
    day: date,
) -> Receipt:
    """Return the receipt of a payment or refund of `amount_minor` > 0 on a local `day`, whose tax rate counts.

    What is paid in advance is a payment whose tax is the calculated rate; what is paid by the bill is a service.
    """
    percent = percent_on(day)
    item = Item(
        name=name,
        amount_minor=amount_minor,
        vat_code=VAT_CODES[percent][advance],
        vat_minor=vat_in(amount_minor, percent),
        subject=Subject.PAYMENT if advance else Subject.SERVICE,
        settlement=Settlement.ADVANCE if advance else Settlement.FULL,
    )
    return Receipt(
        id=id,
        operation=operation,
        made_at=made_at,
        seller=seller,
        customer=customer,
        items=(item,),
        cash_minor=amount_minor if cash else 0,
        electronic_minor=0 if cash else amount_minor,
    )


def wait(attempts: int) -> timedelta:
    """Return how long to wait after so many tries before the register is asked again."""
    return timedelta(seconds=min(WAIT_FIRST_S * 2 ** min(attempts, 10), WAIT_MAX_S))


def packed(value: Receipt) -> dict[str, Any]:
    """Return the receipt as JSON."""
    return asdict(value) | {"id": str(value.id), "made_at": value.made_at.isoformat()}


def unpacked(content: dict[str, Any]) -> Receipt:
    """Return the receipt that was packed."""
    items = tuple(
        Item(**item | {"subject": Subject(item["subject"]), "settlement": Settlement(item["settlement"])})
        for item in content["items"]
    )
    return Receipt(
        **content
        | {
            "id": UUID(content["id"]),
            "operation": Operation(content["operation"]),
            "made_at": datetime.fromisoformat(content["made_at"]),
            "seller": Seller(**content["seller"]),
            "items": items,
        }
    )


def _roubles(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
