"""Another SIM for a line: in which form, what it costs, why it cannot be now. Pure.

`Why` and `Refusal` are those of another number, too: both change what a line is, and only its owner has them changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from abonent.foundation.values.terms import InvalidTerms, check_names


class Form(StrEnum):
    """What the new SIM is: in the phone's own chip, a card that waits in a shop, a blank card that is in hand."""

    ESIM = "esim"
    SHOP = "shop"
    CARD = "card"


class Why(StrEnum):
    """Why a line gets no other SIM, or no other number, now."""

    NOT_OFFERED = "not offered"
    NO_NETWORK = "no network"
    NOT_MOBILE = "not mobile"
    LOST = "lost"
    BLOCKED = "blocked"
    ON_THE_WAY = "on the way"
    NO_ESIM = "no esim"
    NO_CARD = "no card"
    NO_SHOP = "no shop"
    NOT_HELD = "not held"
    SHORT = "short"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not; `missing_minor` of money, `left_minor` of the spending limit, the order in the way, if it is that."""

    why: Why
    missing_minor: int = 0
    left_minor: int = 0
    order: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new SIM costs in each form, once; for how many days a code or a card waits to be fetched."""

    esim_minor: int
    shop_minor: int
    card_minor: int
    esim_days: int
    shop_days: int

    def price_minor(self, form: Form) -> int:
        return {Form.ESIM: self.esim_minor, Form.SHOP: self.shop_minor, Form.CARD: self.card_minor}[form]

    def waits_until(self, form: Form, at: datetime) -> datetime | None:
        """Return until when it waits for its owner; None: it waits for nobody."""
        days = {Form.ESIM: self.esim_days, Form.SHOP: self.shop_days}.get(form)
        return at + timedelta(days=days) if days is not None else None

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Terms:
        """Return the terms that were written down; raise `InvalidTerms` for others."""
        check_names(said, (one.name for one in fields(cls)))
        return cls(**said)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides: is there a `network` and an `esim_server`; `coming` is the id of an order in the way.

    `lost_at` is since when the phone is said to be lost, `proved_at` when the owner proved to be it.
    """

    network: bool
    mobile: bool
    silent: bool = False
    lost_at: datetime | None = None
    proved_at: datetime | None = None
    coming: str = ""
    esim_server: bool = False


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` when they cannot be meant."""
    for one in fields(terms):
        value = getattr(terms, one.name)
        check_number(one.name, value, 1 if one.name.endswith("_days") else 0)


def check_number(name: str, value: object, lowest: int) -> None:
    """Raise `InvalidTerms` unless it is a whole number of `lowest` at least."""
    if type(value) is not int or value < lowest:
        raise InvalidTerms(f"{name} is a whole number, {lowest} at least, and not {value!r}")


def kept_back(facts: Facts) -> Refusal | None:
    """Return why neither SIM nor number of the line are changed now, None: they can be."""
    if not facts.network:
        return Refusal(Why.NO_NETWORK)
    if not facts.mobile:
        return Refusal(Why.NOT_MOBILE)
    if facts.lost_at is not None and (facts.proved_at is None or facts.proved_at < facts.lost_at):
        # A proof from before may have been given with the phone that is lost.
        return Refusal(Why.LOST)
    if facts.coming:
        return Refusal(Why.ON_THE_WAY, order=facts.coming)
    return None


def refused(form: Form, facts: Facts) -> Refusal | None:
    """Return why the line gets no SIM in that form now, money aside."""
    if (refusal := kept_back(facts)) is not None:
        return refusal
    if form is Form.ESIM and not facts.esim_server:
        return Refusal(Why.NO_ESIM)
    return None


def activation_code(address: str, matching_id: str) -> str:
    """Return what a phone installs an eSIM by (GSMA SGP.22, 4.1)."""
    return f"LPA:1${address}${matching_id}"
