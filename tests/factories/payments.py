"""A bank in memory behind the port, and payments at it.

    @pytest.fixture(autouse=True)
    def bank(settings) -> payments.Bank: return payments.open_bank(settings)

`bank.pay(payment_id)` is the customer at the bank's page; then `ask(payment_id)` has us ask about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from abonent.domains.ledger import actions as ledger
from abonent.domains.payments import actions, queries
from abonent.domains.payments import gateway as named
from abonent.domains.payments.ports import (
    BoundCard,
    Forged,
    Method,
    NoAnswer,
    Notice,
    Order,
    Outcome,
    Reason,
    Refused,
    Registered,
    Status,
)
from abonent.domains.payments.states import RefundState, State
from abonent.foundation.clock import now

ORIGIN = "https://bank.example"
CARD = BoundCard("token-1", "MIR", "4321", date(2030, 12, 31))


class Killed(BaseException):
    """`kill -9`."""


@dataclass
class Held:
    """An order as the bank has it."""

    order: Order
    status: Status = Status.OPEN
    taken_minor: int = 0
    returned_minor: int = 0
    reason: Reason = Reason.BANK
    card: BoundCard | None = None
    refunds: set[UUID] = field(default_factory=set)


@dataclass
class Bank:
    """Takes everything; `declines` says what becomes of a token charged: None is paid, else why not.

    `lost` holds calls whose next answer is lost after the thing was done, `down` those that never arrive, `deadly`
    those after which whoever asked is killed; `late` those that arrive only with `arrive`.
    """

    methods: tuple[Method, ...] = tuple(Method)
    origins: tuple[str, ...] = (ORIGIN,)
    orders: dict[UUID, Held] = field(default_factory=dict)
    declines: dict[str, Reason | None] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    deadly: list[str] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    on_the_way: list[Callable[[], object]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def _arrives(self, call: str, again: Callable[[], object] | None = None) -> None:
        self.calls.append(call)
        if call in self.late and again is not None:
            self.late.remove(call)
            self.on_the_way.append(again)
            raise NoAnswer("it is on its way")
        if call in self.down:
            raise NoAnswer("the bank is down")

    def _answers(self, call: str) -> None:
        if call in self.deadly:
            self.deadly.remove(call)
            raise Killed
        if call in self.lost:
            self.lost.remove(call)
            raise NoAnswer("the answer was lost")

    def register(self, order: Order) -> Registered:
        self._arrives("register", lambda: self.register(order))
        if order.payment_id in self.orders:
            raise NoAnswer("the order is there already")
        self.orders[order.payment_id] = Held(order)
        self._answers("register")
        return self._registered(order)

    def _of(self, gateway_order: str) -> Held:
        return self.orders[UUID(gateway_order.removeprefix("order-"))]

    def _registered(self, order: Order) -> Registered:
        name = f"order-{order.payment_id}"
        if order.method is Method.SBP:
            return Registered(name, qr_payload=f"{ORIGIN}/sbp/{order.payment_id}")
        if order.method is Method.CASH:
            return Registered(name)
        return Registered(name, redirect_url=f"{ORIGIN}/pay/{order.payment_id}")

    def charge(self, order: Order) -> Registered:
        self._arrives("charge", lambda: self.charge(order))
        held = self.orders.setdefault(order.payment_id, Held(order))
        why = self.declines.get(order.token)
        if why is None:
            held.status, held.taken_minor = Status.TAKEN, order.amount_minor
        else:
            held.status, held.reason = Status.DECLINED, why
        self._answers("charge")
        return Registered(f"order-{order.payment_id}")

    def status(self, payment_id: UUID, gateway_order: str) -> Outcome:
        self._arrives("status")
        self._answers("status")
        held = self.orders.get(payment_id)
        if held is None:
            return Outcome(Status.ABSENT)
        return Outcome(
            held.status,
            f"order-{payment_id}",
            held.taken_minor,
            held.returned_minor,
            held.order.currency,
            held.reason,
            held.card if held.order.payer else None,
            "MIR •• 4321" if held.order.method in (Method.CARD, Method.SAVED) else "",
        )

    def cancel(self, payment_id: UUID, gateway_order: str) -> None:
        self._arrives("cancel")
        held = self.orders[payment_id]
        if held.status not in (Status.OPEN, Status.DECLINED):
            raise Refused("paid")
        held.status, held.reason = Status.DECLINED, Reason.TIME
        self._answers("cancel")

    def capture(self, gateway_order: str, amount_minor: int) -> None:
        self._arrives("capture")
        held = self._of(gateway_order)
        if held.status is not Status.HELD:
            raise Refused("nothing is held")
        held.status, held.taken_minor = Status.TAKEN, amount_minor
        self._answers("capture")

    def release(self, gateway_order: str) -> None:
        self._arrives("release")
        held = self._of(gateway_order)
        if held.status is not Status.HELD:
            raise Refused("nothing is held")
        held.status, held.returned_minor = Status.RETURNED, held.taken_minor
        self._answers("release")

    def refund(self, refund_id: UUID, gateway_order: str, *, amount_minor: int, left_before_minor: int) -> None:
        self._arrives(
            "refund",
            lambda: self.refund(
                refund_id, gateway_order, amount_minor=amount_minor, left_before_minor=left_before_minor
            ),
        )
        held = self._of(gateway_order)
        if refund_id not in held.refunds:
            if held.taken_minor - held.returned_minor != left_before_minor or left_before_minor < amount_minor:
                raise Refused("there is not so much left")
            held.refunds.add(refund_id)
            held.returned_minor += amount_minor
            held.status = Status.RETURNED
        self._answers("refund")

    def cards(self, payer: str) -> tuple[BoundCard, ...]:
        return tuple(held.card for held in self.orders.values() if held.card and held.order.payer == payer)

    def forget(self, token: str) -> None:
        self._arrives("forget")
        self.forgotten.append(token)
        self._answers("forget")

    def notice(self, fields: Mapping[str, str]) -> Notice:
        if fields.get("signed") != "yes":
            raise Forged
        order = fields["order"]
        return Notice(
            UUID(order.removeprefix("order-")),
            order,
            fields.get("operation", "deposited"),
            True,
            None,
            order,
        )

    # What people do there.

    def arrive(self) -> None:
        """What was on its way arrives; nobody hears the answer."""
        while self.on_the_way:
            with suppress(NoAnswer, Refused):
                self.on_the_way.pop(0)()

    def pay(self, payment_id: UUID, *, amount_minor: int | None = None, card: BoundCard = CARD) -> None:
        """Somebody pays the order."""
        held = self.orders[payment_id]
        held.status, held.card = Status.TAKEN, card
        held.taken_minor = held.order.amount_minor if amount_minor is None else amount_minor

    def hold(self, payment_id: UUID) -> None:
        """The sum is held only."""
        self.pay(payment_id)
        self.orders[payment_id].status = Status.HELD

    def decline(self, payment_id: UUID, reason: Reason = Reason.FUNDS) -> None:
        """The card is declined."""
        held = self.orders[payment_id]
        held.status, held.reason = Status.DECLINED, reason


def open_bank(settings: Any) -> Bank:
    """Have the settings name a bank in memory, fresh; return it."""
    settings.PAYMENT_GATEWAY = "tests.factories.payments.Bank"
    named._load.cache_clear()
    found = named.gateway()
    assert isinstance(found, Bank)
    return found


def account() -> int:
    """Open an account of the ledger that payments are credited to."""
    return ledger.open_account(book="subscribers", code=str(uuid4())[:20])


def start(*, account_id: int | None = None, amount_minor: int = 50_000, **changes: Any) -> actions.Started:
    """Begin a payment of 500 roubles by card, unless something else is said."""
    given: dict[str, Any] = {
        "payment_id": uuid4(),
        "purpose": "top-up",
        "reference": "7",
        "ledger_account_id": account_id if account_id is not None else account(),
        "amount_minor": amount_minor,
        "method": "card",
        "payer_id": 11,
        "return_path": "/topup/back/",
        "description": "Пополнение счёта",
        "language": "ru",
        "at": now(),
    }
    return actions.start(**given | changes)


def ask(payment_id: UUID, *, after: timedelta = timedelta()) -> State:
    """Ask about the payment, some time from now."""
    return actions.ask(payment_id=payment_id, at=now() + after)


def settled(bank: Bank, **changes: Any) -> UUID:
    """Return a payment that was paid and settled."""
    payment_id = start(**changes).payment_id
    bank.pay(payment_id)
    assert ask(payment_id) is State.SETTLED
    return payment_id


def saved_card(bank: Bank, *, payer_id: int = 11, card: BoundCard = CARD) -> int:
    """Return the id of a card that the payer keeps."""
    payment_id = start(payer_id=payer_id, save_card=True).payment_id
    bank.pay(payment_id, card=card)
    assert ask(payment_id) is State.SETTLED
    return queries.cards(payer_id, date(2026, 1, 1))[0].id


def refund(payment_id: UUID, amount_minor: int, *, refund_id: UUID | None = None) -> RefundState:
    """Give some of a payment back."""
    return actions.refund(
        refund_id=refund_id or uuid4(), payment_id=payment_id, amount_minor=amount_minor, reason="test", at=now()
    )
