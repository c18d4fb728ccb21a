"""Decisions about payments: what a gateway's answer means, when to ask again, what may go back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from abonent.domains.payments.ports import Method, Outcome, Reason, Status
from abonent.domains.payments.states import PENDING, RefundState, State

__all__ = ["Do", "Known", "Method", "Reason", "Step", "Sums"]

# How long an order can be paid.
LIFE = {
    Method.CARD: timedelta(minutes=20),
    Method.SAVED: timedelta(minutes=20),
    Method.SBP: timedelta(minutes=20),
    Method.CASH: timedelta(days=3),
}
# A charge without its owner is done within seconds or not at all.
CHARGE_LIFE = timedelta(minutes=10)
# What a request of ours may still be on its way after it was given up.
ON_ITS_WAY = timedelta(minutes=2)
# Written down so long ago, whoever wanted to ask the gateway has died.
ABANDONED = timedelta(seconds=60)
# A declined order can be tried again while it lives: one last look after its end.
LAST_LOOK = timedelta(seconds=60)
PAUSE_FIRST_S, PAUSE_MAX_S = 5, 3600
# As long as somebody works on one payment, nobody else does; who was killed is replaced after it.
LEASE = timedelta(seconds=60)
CASH_DIGITS = 10
RENEWED_BEFORE = timedelta(days=40)
NOTICES_KEPT = timedelta(days=90)


class Do(StrEnum):
    """What follows from an answer of the gateway."""

    WAIT = "ask again later"
    SETTLE = "take the money into the books"
    DECLINE = "note that no money comes"
    CLOSE = "close the order at the gateway, so that nobody can pay it any more"
    CAPTURE = "take what is held"
    RELEASE = "give back what is held"
    LOOK = "let a person look: the gateway says what cannot be"


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a payment when the gateway answers. `reachable`: somebody can pay it, or it pays by itself.

    `asked_at` is when the gateway was asked to make the order, `settled_minor` what stands in the books.
    """

    state: State
    amount_minor: int
    currency: str
    asked_at: datetime
    expires_at: datetime
    reachable: bool
    settled_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do: `amount_minor` counts for what moves money, `reason` for what does not."""

    do: Do
    amount_minor: int = 0
    reason: Reason = Reason.BANK


def step_after(known: Known, outcome: Outcome, now: datetime) -> Step:
    """Return what follows from what the gateway says at `now`."""
    if outcome.status in (Status.TAKEN, Status.RETURNED, Status.HELD):
        return _step_with_money(known, outcome)
    if known.state not in PENDING:
        # Nothing but money changes what has ended.
        return Step(Do.WAIT)
    if outcome.status is Status.DECLINED:
        return Step(Do.DECLINE, reason=outcome.reason)
    if outcome.status is Status.ABSENT:
        lost = now - known.asked_at > ON_ITS_WAY
        return Step(Do.DECLINE, reason=Reason.NOT_REACHED) if lost else Step(Do.WAIT)
    if now >= known.expires_at:
        return Step(Do.CLOSE, reason=Reason.TIME)
    if not known.reachable and now - known.asked_at > ABANDONED:
        return Step(Do.CLOSE, reason=Reason.NOT_REACHED)
    return Step(Do.WAIT)


def _step_with_money(known: Known, outcome: Outcome) -> Step:
    if outcome.status is Status.HELD:
        if known.state is State.SETTLED:
            return Step(Do.LOOK)
        if known.state in PENDING and outcome.currency == known.currency and outcome.taken_minor > 0:
            return Step(Do.CAPTURE, outcome.taken_minor)
        return Step(Do.RELEASE)
    if known.state is State.SETTLED:
        # What went back since has its own rows; what stands in the books must have come.
        denied = outcome.taken_minor < (known.settled_minor or 0)
        return Step(Do.LOOK if denied else Do.WAIT)
    left = outcome.taken_minor - outcome.returned_minor
    if outcome.currency != known.currency or outcome.taken_minor < 0 or left < 0:
        return Step(Do.LOOK)
    if left == 0:
        # It came and went again before it stood anywhere; with nothing taken the answer makes no sense.
        if outcome.status is Status.TAKEN:
            return Step(Do.LOOK)
        return Step(Do.DECLINE, reason=Reason.RETURNED) if known.state in PENDING else Step(Do.WAIT)
    return Step(Do.SETTLE, left)


def pause(asks: int) -> timedelta:
    """Return how long to wait before the gateway is asked again, after `asks` answers that were no end."""
    return timedelta(seconds=min(PAUSE_FIRST_S * 2 ** min(asks, 10), PAUSE_MAX_S))


def next_ask(*, asks: int, at: datetime, expires_at: datetime) -> datetime:
    """Return when to ask again: after a pause that grows, and in any case when the order's time is up."""
    planned = at + pause(asks)
    return min(planned, expires_at) if expires_at > at else planned


def life(method: Method, *, off_session: bool) -> timedelta:
    """Return how long an order can be paid."""
    return CHARGE_LIFE if off_session else LIFE[method]


def cash_code(payment_id: UUID, attempt: int) -> str:
    """Return a code to type at a terminal: ten digits, another one at every attempt; its maker sees that it is free."""
    number = int.from_bytes(blake2b(payment_id.bytes + bytes([attempt]), digest_size=8).digest())
    return str(10 ** (CASH_DIGITS - 1) + number % (9 * 10 ** (CASH_DIGITS - 1)))


def is_valid(expires_on: date, today: date) -> bool:
    """Return whether a card can still be paid with; it is good on its last day."""
    return expires_on >= today


@dataclass(frozen=True, slots=True)
class Sums:
    """The refunds of one payment: what of it was settled, and each refund with its state."""

    settled_minor: int
    refunds: tuple[tuple[RefundState, int], ...]

    @property
    def refunded_minor(self) -> int:
        return _sum(self.refunds, {RefundState.REFUNDED})

    @property
    def under_way(self) -> bool:
        return any(state in (RefundState.ASKED, RefundState.UNKNOWN) for state, _ in self.refunds)

    @property
    def refundable_minor(self) -> int:
        return self.settled_minor - _sum(self.refunds, {RefundState.REFUNDED, RefundState.ASKED, RefundState.UNKNOWN})


def _sum(refunds: Iterable[tuple[RefundState, int]], states: set[RefundState]) -> int:
    return sum(amount for state, amount in refunds if state in states)
