"""A receipt: what came, for which number, how and when; the page and the PDF say the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.entrypoints.portal.billing.words import paid_for
from abonent.web import format as formats

SHEET = Path(__file__).parent / "sheets" / "receipt.typ"
NUMBER_DIGITS, NUMBER_GROUP = 12, 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment that came: sums in minor units; `number` is empty when it is that of the page.

    `payer` is the number of somebody else who paid, `for_other`: the visitor paid for somebody else; `astray`: it was
    meant for a number that nobody has, so it came to the visitor. `balance_minor` is None where it is not theirs.
    """

    id: UUID
    amount_minor: int
    refunded_minor: int
    at: datetime
    number: str
    how: str
    payer: str
    astray: bool
    balance_minor: int | None
    again: str
    for_other: bool
    # There is one for the tax office, too.
    is_fiscal: bool = False
    # Why staff had it given back; such a receipt is of a sum below zero.
    reason: str = ""

    @property
    def total(self) -> str:
        return formats.money(self.amount_minor)

    @property
    def title(self) -> str:
        if self.amount_minor < 0:
            return _("The money went back to where it came from")
        if self.astray:
            return _("The money came to your own balance")
        return _("Paid for another number") if self.for_other else _("The balance is topped up")

    @property
    def when(self) -> str:
        return paid_at(self.at)

    @property
    def balance(self) -> str:
        return formats.money(self.balance_minor or 0)

    @property
    def address(self) -> str:
        return f"/payments/{self.id}/"

    @property
    def automatic(self) -> str:
        """Where such a payment is made to come by itself; empty for somebody else's number."""
        own = not self.for_other and not self.astray and self.balance_minor is not None and self.amount_minor > 0
        return f"/autopay/set/?amount={formats.plain(self.amount_minor)}" if own else ""

    @property
    def what_next(self) -> str:
        """One sentence on what happens now; empty when nothing does."""
        if self.astray:
            words = _(
                "We serve nobody by %(number)s, so nothing is lost: the money is yours. Pay anew for the right number."
            )
            return words % {"number": formats.phone(self.number)}
        if self.for_other:
            return _("The owner is told that you paid. What came by mistake our staff help to get back.")
        return ""

    @property
    def further(self) -> list[tuple[str, str]]:
        """Return where to go from here, each with its words."""
        automatic = [(self.automatic, _("Make it automatic"))] if self.automatic else []
        fiscal = [(f"/account/receipts/{self.id}/", _("Fiscal receipt"))] if self.is_fiscal else []
        again = [(self.again, _("Pay again"))] if self.amount_minor > 0 else []
        own = self.balance_minor is not None and not self.for_other
        disagree = [(f"/disputes/payment/{self.id}/", _("I do not agree"))] if own else []
        return [*again, *automatic, *fiscal, *disagree, ("/payments/", _("Payment history"))]

    def facts(self) -> list[tuple[str, str]]:
        """Return what stands on it: names with values."""
        facts = [
            (_("Operation number"), operation_number(self.id)),
            (paid_for(self.number), formats.phone(self.number)),
            (_("How"), self.how),
            (_("Paid from the number"), f"…{self.payer[-4:]}" if self.payer else ""),
            (_("Reason"), self.reason),
            (_("Given back"), formats.money(self.refunded_minor) if self.refunded_minor else ""),
        ]
        return [fact for fact in facts if fact[1]]


def operation_number(payment_id: UUID) -> str:
    """Return the beginning of the id as people read it out: `3F2A-91B0-77CD`."""
    digits = payment_id.hex[:NUMBER_DIGITS].upper()
    return "-".join(digits[at : at + NUMBER_GROUP] for at in range(0, NUMBER_DIGITS, NUMBER_GROUP))


def paid_at(at: datetime) -> str:
    """Return the moment with the year: a receipt is kept for long."""
    return f"{formats.day(at, year=True)}, {formats.clock(at)}"


def pdf(receipt: Receipt, *, made_at: datetime) -> bytes:
    """Return the receipt as PDF, one page of A5, in the language now spoken."""
    language = get_language() or settings.LANGUAGE_CODE
    words = {
        "lang": language,
        "operator": settings.OPERATOR_NAME.get(language) or settings.OPERATOR_NAME[settings.LANGUAGE_CODE],
        "heading": _("Receipt"),
        "title": receipt.title,
        "total": receipt.total,
        "when": receipt.when,
        "facts": [list(fact) for fact in receipt.facts()],
        "next": receipt.what_next,
        "made": _("Made on %(moment)s") % {"moment": f"{timezone.localtime(made_at):%d.%m.%Y %H:%M}"},
        "address": f"{settings.ADDRESS}{receipt.address}",
    }
    made = typst.compile(
        str(SHEET),
        root=str(SHEET.parent),
        font_paths=[str(settings.FONTS_FOLDER)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"words": json.dumps(words, ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("a receipt of several pages")
    return made
