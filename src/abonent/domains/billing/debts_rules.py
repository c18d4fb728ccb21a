"""What a debt consists of: the charges that no money has paid yet, each kind with its first day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from abonent.domains.billing.rules import Category

# Beside the headings of charges: a promise to repay, and money that went otherwise (transfers, corrections).
Kind = Category | Literal["promise", "other"]


@dataclass(frozen=True, slots=True)
class Charged:
    """A charge, as far as it matters for a debt."""

    category: Category
    at: datetime
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Part:
    """What is owed of one kind; `since` is when the first of it was charged, None: not one moment."""

    kind: Kind
    since: datetime | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Debt:
    """What a contract owes, in parts that make the whole."""

    total_minor: int
    parts: tuple[Part, ...]


def owed_minor(balance_minor: int, promised_minor: int) -> int:
    """Return what is owed: a promised payment stands on the balance, and is not the contract's own money."""
    return max(0, promised_minor - balance_minor)


def unpaid(owed: int, newest_first: Iterable[Charged]) -> tuple[Part, ...]:
    """Return what of the charges makes the debt: money pays the oldest first, so the newest are not paid yet."""
    left, found = owed, dict[Category, Part]()
    for one in newest_first:
        if left <= 0:
            break
        taken = min(left, one.amount_minor)
        known = found.get(one.category)
        found[one.category] = Part(one.category, one.at, taken + (known.amount_minor if known else 0))
        left -= taken
    parts = sorted(found.values(), key=lambda part: (part.since is None, part.since))
    return (*parts, Part("other", None, left)) if left > 0 else tuple(parts)
