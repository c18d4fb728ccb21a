"""What payments need from outside, in our words: a gateway that takes money. Pure.

It is named by the setting `PAYMENT_GATEWAY` as a dotted path, made without arguments and used from many threads. No
call of it happens inside a transaction. Every call raises `NoAnswer` when it may or may not have been done (a timeout,
a lost connection, a 5xx, an answer nobody can read), and `Refused` when it certainly was not. Our id of a payment is
the gateway's order number: a second order under the same number is never made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Method(StrEnum):
    """The ways money comes. `CARD` is typed at the gateway, `SAVED` is one of its tokens, `CASH` a terminal's code."""

    CARD = "card"
    SAVED = "saved card"
    SBP = "sbp"
    CASH = "cash"


class Reason(StrEnum):
    """Why no money comes."""

    FUNDS = "insufficient funds"
    EXPIRED_CARD = "card expired"
    BLOCKED_CARD = "card blocked"
    LIMIT = "limit exceeded"
    NOT_CONFIRMED = "not confirmed"
    WRONG_CARD = "wrong card"
    BANK = "declined by the bank"
    RETURNED = "returned"
    NOT_REACHED = "not reached"
    TIME = "time is up"


class Refused(Exception):
    """The gateway said no, and did nothing; `reason` is why."""

    def __init__(self, said: str, reason: Reason = Reason.BANK) -> None:
        super().__init__(said)
        self.reason = reason


class NoAnswer(Exception):
    """It may or may not have been done; the text tells why without a secret."""


class Forged(Exception):
    """A callback that the gateway did not sign."""


class BadNotice(ValueError):
    """A signed callback that says nothing usable; the text tells its maker what is wrong."""


class Status(StrEnum):
    """What the gateway says of an order."""

    ABSENT = "absent"
    OPEN = "open"
    HELD = "held"
    TAKEN = "taken"
    DECLINED = "declined"
    # Reversed or given back, in whole or in part.
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid. `payer` names who may keep a card at the gateway, empty: none is kept.

    `token` is the saved card to pay with, `cash_code` what is typed at a terminal; people go back to `return_url`.
    """

    payment_id: UUID
    method: Method
    amount_minor: int
    currency: str
    description: str
    language: str
    return_url: str
    expires_at: datetime
    payer: str = ""
    token: str = ""
    cash_code: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """An order that the gateway has: its own name for it, and where people pay."""

    gateway_order: str
    redirect_url: str = ""
    qr_payload: str = ""


@dataclass(frozen=True, slots=True)
class BoundCard:
    """A card the gateway keeps: its token, and what of it may be shown. `expires_on` is its last day."""

    token: str
    brand: str
    last_four: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """The truth about an order: sums as they are at the gateway, zero where nothing was taken or returned."""

    status: Status
    gateway_order: str = ""
    taken_minor: int = 0
    returned_minor: int = 0
    currency: str = ""
    reason: Reason = Reason.BANK
    card: BoundCard | None = None
    # What a receipt may say of the means: "MIR •• 4321".
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified callback: a hint that something happened to an order, never the truth about it."""

    payment_id: UUID | None
    gateway_order: str
    operation: str
    succeeded: bool
    amount_minor: int | None
    # The same for a callback that comes again.
    key: str


class PaymentGateway(Protocol):
    """Takes money of people and tells what became of it."""

    @property
    def methods(self) -> tuple[Method, ...]:
        """The ways it offers."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """Where its pages are, as `https://host[:port]`: browsers are led there and nowhere else."""
        ...

    def register(self, order: Order) -> Registered:
        """Make the order known and return where it is paid."""
        ...

    def charge(self, order: Order) -> Registered:
        """Take the sum from the saved card `order.token` without its owner; what came of it tells `status`."""
        ...

    def status(self, payment_id: UUID, gateway_order: str) -> Outcome:
        """Return the truth about an order; changes nothing."""
        ...

    def cancel(self, payment_id: UUID, gateway_order: str) -> None:
        """Close an order that nobody paid, so that nobody can; raise `Refused` when it is paid."""
        ...

    def capture(self, gateway_order: str, amount_minor: int) -> None:
        """Take what is held."""
        ...

    def release(self, gateway_order: str) -> None:
        """Give back what is held."""
        ...

    def refund(self, refund_id: UUID, gateway_order: str, *, amount_minor: int, left_before_minor: int) -> None:
        """Give back what was taken, once by the refund's id, and only if so much of it was left before."""
        ...

    def cards(self, payer: str) -> tuple[BoundCard, ...]:
        """Return the cards that it keeps for a payer."""
        ...

    def forget(self, token: str) -> None:
        """Keep the card no longer; one that is not kept is no error."""
        ...

    def notice(self, fields: Mapping[str, str]) -> Notice:
        """Return what a callback says; raise `Forged` or `BadNotice`."""
        ...
