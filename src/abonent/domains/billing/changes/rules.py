"""What another version of a tariff, or another tariff, changes for who has it; from when that may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from abonent.domains.catalog.rules import HOME, Price, TariffVersion, Terms

What = Literal["fee", "allowance", "price"]
# Whoever pays more hears of it so many days before; whoever pays less, the day before at the latest.
DEARER_IN, CHEAPER_IN = timedelta(days=10), timedelta(days=1)
# The rule's name of a fee.
FEE = "fee"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a change: the sum by the rule for a unit; of an allowance its size, None without limit."""

    amount: int | None
    rule: str = ""
    unit_size: int = 1
    per: str = ""
    # Whether an allowance is used up first.
    included: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What was one thing and becomes another; of a price which usage it answers (`destination`, `zone` empty: any)."""

    what: What
    was: Side
    becomes: Side
    kind: str = ""
    direction: str = ""
    destination: str = ""
    zone: str = ""

    @property
    def is_dearer(self) -> bool:
        """Return whether somebody may pay more, or get less for it."""
        if self.what == "allowance":
            most = float("inf")
            was, becomes = (most if side.amount is None else side.amount for side in (self.was, self.becomes))
            return becomes < was
        if self.was.per != self.becomes.per or self.was.unit_size != self.becomes.unit_size:
            # By the day or the month, by the second or the minute: which is dearer depends on the use.
            return True
        return (self.becomes.amount or 0) > (self.was.amount or 0) or (self.was.included and not self.becomes.included)


def differences(old: TariffVersion, new: TariffVersion) -> tuple[Difference, ...]:
    """Return what differs: the fee, then what it includes, then prices in the order of the old terms."""
    found = []
    fee_was, fee_becomes = (Side(one.fee_minor, FEE, per=one.terms.fee.per) for one in (old, new))
    if fee_was != fee_becomes:
        found.append(Difference("fee", fee_was, fee_becomes))
    for bucket in ("voice", "data", "sms"):
        was, becomes = (_allowance(one.terms, bucket) for one in (old, new))
        if was != becomes:
            found.append(Difference("allowance", was, becomes, kind=bucket))
    return (*found, *_prices(old.terms, new.terms))


def earliest(old: TariffVersion, new: TariffVersion, today: date) -> date:
    """Return the first day on which the new version may take the old one's place."""
    dearer = any(one.is_dearer for one in differences(old, new))
    return today + (DEARER_IN if dearer else CHEAPER_IN)


def is_told(why: Mapping[str, str], languages: Mapping[str, str]) -> bool:
    """Return whether the reason is said in each of the languages."""
    return all(why.get(language, "").strip() for language in languages)


def _prices(old: Terms, new: Terms) -> list[Difference]:
    found = []
    keys = dict.fromkeys(_key(price) for price in (*old.prices, *new.prices))
    for kind, direction, destination, zone in keys:
        was, becomes = (_side(_answers(terms, kind, direction, destination, zone)) for terms in (old, new))
        if (was.amount, was.unit_size, was.included) != (becomes.amount, becomes.unit_size, becomes.included):
            found.append(Difference("price", was, becomes, kind, direction, destination, zone))
    return found


def _answers(terms: Terms, kind: str, direction: str, destination: str, zone: str) -> Price:
    """Return the rule for exactly this usage, or the one that answers it for want of such a rule."""
    exact = next((price for price in terms.prices if _key(price) == (kind, direction, destination, zone)), None)
    return exact or terms.price(kind, direction or "out", destination, zone or HOME)


def _key(price: Price) -> tuple[str, str, str, str]:
    return (price.kind, price.direction, price.destination, price.zone)


def _side(price: Price) -> Side:
    return Side(price.price_minor, price.code, price.unit_size, included=price.bucket is not None)


def _allowance(terms: Terms, bucket: str) -> Side:
    allowance = terms.allowance(bucket)
    return Side(allowance.amount if allowance else 0)
