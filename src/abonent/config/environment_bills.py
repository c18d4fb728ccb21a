"""The settings of bills and fiscal receipts: days, the seller, where receipts are registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

_DAY = r"[1-9]|1[0-9]|2[0-8]"
_DAY_HINT = "give a day that every month has, 1 to 28"


class Reader(Protocol):
    """Reads one setting after the other and gathers what is wrong."""

    wrong: list[str]

    def text(self, name: str, default: str = "", pattern: str = "", hint: str = "") -> str: ...


@dataclass(frozen=True)
class Bills:
    """Days of the month after the billed one; `seller_*` stand on every paper, `fiscal_register` is a dotted path."""

    bill_day: int
    due_day: int
    seller_name: str
    seller_tax_number: str
    seller_address: str
    fiscal_register: str


def read(reader: Reader, *, demo: bool, production: bool) -> Bills:
    """Return the settings of bills; what is wrong stands in `reader.wrong`."""
    bills = Bills(
        bill_day=_day(reader, "ABONENT_BILL_DAY", 3),
        due_day=_day(reader, "ABONENT_BILL_DUE_DAY", 20),
        seller_name=reader.text("ABONENT_SELLER_NAME", "" if production else "ООО «Орбита»"),
        seller_tax_number=reader.text(
            "ABONENT_SELLER_TAX_NUMBER",
            "" if production else "7700000000",
            r"[0-9]{10}|[0-9]{12}",
            "give the 10 or 12 digits of the seller's tax number (ИНН)",
        ),
        seller_address=reader.text("ABONENT_SELLER_ADDRESS", "" if production else "101000, Москва, ул. Звёздная, 1"),
        fiscal_register=reader.text("ABONENT_FISCAL_REGISTER", "abonent.demo.fiscal.RegisterOfTheDemo" if demo else ""),
    )
    if bills.due_day <= bills.bill_day:
        reader.wrong.append("ABONENT_BILL_DUE_DAY: a bill is due after the day it is made on, ABONENT_BILL_DAY")
    if production and bills.fiscal_register.startswith("abonent.demo."):
        reader.wrong.append(
            "ABONENT_FISCAL_REGISTER: the register of the demo makes fictional receipts; name a real one"
        )
    return bills


def _day(reader: Reader, name: str, default: int) -> int:
    given = reader.text(name, str(default), _DAY, _DAY_HINT)
    return int(given) if given.isascii() and given.isdecimal() else default
