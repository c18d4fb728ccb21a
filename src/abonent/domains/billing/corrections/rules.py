"""What may be put right on an account, and for which reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CATEGORY = "correction"
# The same sum is neither charged nor given back in one go: a slip of a digit is caught before the bank is.
AMOUNT_MAX_MINOR = 1_000_000_00


class Kind(StrEnum):
    """Which way the money goes: to the account, from it, or back to where a payment came from."""

    CREDIT = "credit"
    DEBIT = "debit"
    REFUND = "refund"


# Why; the codes are kept for ever, each is named in the language of who reads it.
REASONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CREDIT: ("wrong charge", "double charge", "service failed", "not ordered", "goodwill", "other"),
    Kind.DEBIT: ("credited by mistake", "not charged", "other"),
    Kind.REFUND: ("paid by mistake", "paid twice", "not needed", "contract ends", "other"),
}


class Refusal(StrEnum):
    """Why money is not moved."""

    BAD_SUM = "bad sum"
    NOT_THERE = "not there"
    ABOVE_CHARGE = "above charge"
    SPENT = "spent"
    NOT_REFUNDABLE = "not refundable"
    UNDER_WAY = "under way"


class Refused(Exception):
    """It is not done, and nothing changed. `most_minor` is what could be done, None: the sum is not what is wrong."""

    def __init__(self, refusal: Refusal, most_minor: int | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.most_minor = most_minor


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides. `available_minor` is what the account has, less what is held and what was lent to it.

    `charge_left_minor`: what of the corrected charge was not given back so far, None when none is named;
    `refundable_minor` and `under_way` belong to the payment that is to go back.
    """

    available_minor: int
    prepaid: bool
    charge_left_minor: int | None = None
    refundable_minor: int = 0
    under_way: bool = False


def check(kind: Kind, amount_minor: int, facts: Facts) -> None:
    """Raise `Refused` when the sum may not be moved as things stand."""
    if not 0 < amount_minor <= AMOUNT_MAX_MINOR:
        raise Refused(Refusal.BAD_SUM, AMOUNT_MAX_MINOR)
    if kind is Kind.CREDIT:
        if facts.charge_left_minor is not None and amount_minor > facts.charge_left_minor:
            raise Refused(Refusal.ABOVE_CHARGE, max(0, facts.charge_left_minor))
        return
    if kind is Kind.REFUND:
        if facts.under_way:
            raise Refused(Refusal.UNDER_WAY)
        if amount_minor > facts.refundable_minor:
            raise Refused(Refusal.NOT_REFUNDABLE, max(0, facts.refundable_minor))
    # Who pays by the bill may owe; a payment is given back only out of what is there.
    if (facts.prepaid or kind is Kind.REFUND) and amount_minor > facts.available_minor:
        raise Refused(Refusal.SPENT, max(0, facts.available_minor))
