"""What happens to orders: made, paid by card, code or banknote, declined, closed, given back."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from secrets import randbelow, token_hex
from uuid import uuid4

from abonent.demo.acquirer import cards
from abonent.demo.acquirer.callbacks import Callbacks
from abonent.demo.acquirer.cards import TestCard
from abonent.demo.acquirer.mischief import Mischief
from abonent.demo.acquirer.store import (
    APPROVED,
    AT_3DS,
    CREATED,
    DECLINED,
    DEPOSITED,
    REFUNDED,
    REVERSED,
    Binding,
    Order,
    Store,
)
from abonent.foundation.clock import now

ATTEMPTS_MAX = 3
UNPAID = (CREATED, AT_3DS)


class CannotDo(Exception):
    """The order is not in a state for that; the text is the protocol's."""


@dataclass
class Till:
    """Where orders change; each change is stored whole before anybody hears of it."""

    store: Store
    callbacks: Callbacks

    def make(self, order: Order, mischief: Mischief) -> Order:
        """Keep a new order; with `mischief.pays` somebody pays at once."""
        with self.store.changing():
            self.store.keep(order)
            if mischief.pays and not order.binding:
                self._take(order, next(iter(cards.CARDS.values())), mischief)
        if mischief.lie and not mischief.pays:
            self.callbacks.lie(order, mischief.lie)
        return order

    def fresh(self, order: Order | None) -> Order | None:
        """Return the order as it is now: time may have passed for it."""
        if order is None:
            return None
        at = now().timestamp()
        if order.state in UNPAID and order.expires <= at and not order.ready:
            with self.store.changing():
                order.state, order.action_code = DECLINED, cards.TIME_IS_UP
                order.cash_code = None
                self.store.keep(order)
        return order

    def pay(self, order_id: str, card: TestCard, expiry: str, *, save: bool, mischief: Mischief) -> str:
        """Try a card; return `paid`, `code` (3-D Secure asks), `declined`, or `closed` when the order takes no more."""
        time.sleep(card.slow_s)
        with self.store.changing():
            order = self._open(order_id)
            if order is None:
                return "closed"
            order.masked, order.expiry = card.masked, expiry
            order.saved = str(uuid4()) if (save or order.force_save) and order.client and not order.binding else ""
            if card.asks_code:
                order.state = AT_3DS
                order.waits_with = {"number": card.number, "code": f"{randbelow(10_000):04}", "tries": 0}
                self.store.keep(order)
                return "code"
            done = self._try(order, card, mischief)
        self._tell_early(order, mischief, done)
        return "paid" if done else "declined"

    def confirm(self, order_id: str, typed: str, mischief: Mischief) -> str:
        """Check the code of 3-D Secure; return as `pay`, or `wrong`."""
        with self.store.changing():
            order = self._open(order_id)
            if order is None or order.state != AT_3DS:
                return "closed"
            if typed.strip() != order.waits_with["code"]:
                order.waits_with["tries"] += 1
                if order.waits_with["tries"] < ATTEMPTS_MAX:
                    self.store.keep(order)
                    return "wrong"
                order.waits_with = {}
                self._refuse(order, cards.NOT_CONFIRMED, mischief)
                return "declined"
            card = replace(cards.CARDS[order.waits_with["number"]], asks_code=False)
            order.waits_with = {}
            done = self._try(order, card, mischief)
        self._tell_early(order, mischief, done)
        return "paid" if done else "declined"

    def pay_by_binding(self, order: Order, binding: Binding, mischief: Mischief) -> bool:
        """Take the sum from a kept card, its owner away; return whether it worked."""
        with self.store.changing():
            found = self._open(order.id)
            if found is None:
                raise CannotDo("the order is closed")
            found.masked, found.expiry, found.saved = binding.masked, binding.expiry, binding.id
            card = TestCard("", "", action_code=binding.fate)
            done = self._try(found, card, mischief)
        self._tell_early(found, mischief, done)
        return done

    def pay_by_code(self, order_id: str, mischief: Mischief, *, amount: int | None = None) -> str:
        """Pay from a bank's application or with banknotes: what is put in is what counts."""
        with self.store.changing():
            order = self._open(order_id)
            if order is None:
                return "closed"
            if amount is not None:
                order.amount = amount
            self._take(order, None, mischief)
        self._tell_early(order, mischief, True)
        return "paid"

    def refuse_code(self, order_id: str, mischief: Mischief) -> str:
        """The person says no in the bank's application."""
        with self.store.changing():
            order = self._open(order_id)
            if order is None:
                return "closed"
            order.attempts = ATTEMPTS_MAX
            self._refuse(order, cards.NOT_CONFIRMED, mischief)
        return "declined"

    def _open(self, order_id: str) -> Order | None:
        order = self.fresh(self.store.order(id=order_id))
        return order if order is not None and order.state in UNPAID and not order.ready else None

    def _try(self, order: Order, card: TestCard, mischief: Mischief) -> bool:
        order.attempts += 1
        if card.action_code != cards.APPROVED:
            self._refuse(order, card.action_code, mischief)
            return False
        self._take(order, card, mischief)
        return True

    def _take(self, order: Order, card: TestCard | None, mischief: Mischief) -> None:
        if card is not None and not order.masked:
            order.masked, order.expiry = card.masked, "203012"
        if mischief.settle_after_s:
            order.ready = now().timestamp() + mischief.settle_after_s
            self.store.keep(order)
            return
        self._arrive(order, mischief)

    def _arrive(self, order: Order, mischief: Mischief) -> None:
        order.state = APPROVED if order.two_phase else DEPOSITED
        order.action_code, order.ready, order.cash_code = cards.APPROVED, 0.0, None
        order.approved = order.amount
        order.deposited = 0 if order.two_phase else order.amount
        self._bind(order)
        self.store.keep(order)
        self.callbacks.plan(order, "approved" if order.two_phase else "deposited", mischief)

    def arrive_late(self, mischief: Mischief) -> None:
        """Let money show up whose time has come."""
        at = now().timestamp()
        with self.store.changing():
            for order in self.store.orders(200):
                if order.ready and order.ready <= at:
                    self._arrive(order, mischief)

    def _bind(self, order: Order) -> None:
        if not order.saved or self.store.binding(order.saved) is not None:
            return
        self.store.keep_binding(Binding(order.saved, order.client, order.masked, order.expiry, cards.APPROVED))

    def _refuse(self, order: Order, action_code: int, mischief: Mischief) -> None:
        order.action_code = action_code
        # As the real ones do: the order takes another card until its tries are used up.
        order.state = DECLINED if order.attempts >= ATTEMPTS_MAX or order.binding else CREATED
        self.store.keep(order)
        if order.state == DECLINED:
            self.callbacks.plan(order, "declined", mischief, succeeded=False)

    def _tell_early(self, order: Order, mischief: Mischief, done: bool) -> None:
        if mischief.early and done and not mischief.silent:
            self.callbacks.call(self.callbacks.said(order, "deposited"))

    def close(self, order: Order) -> None:
        """Close an order that nobody paid."""
        with self.store.changing():
            found = self.fresh(self.store.order(id=order.id))
            if found is None or found.ready or found.state in (APPROVED, DEPOSITED, REFUNDED):
                raise CannotDo("Payment must be in a correct state")
            if found.state in UNPAID:
                found.state, found.action_code, found.cash_code = DECLINED, cards.TIME_IS_UP, None
                self.store.keep(found)

    def capture(self, order: Order, amount: int, mischief: Mischief) -> None:
        """Take what is held, or less."""
        with self.store.changing():
            found = self.store.order(id=order.id)
            if found is None or found.state != APPROVED or not 0 < amount <= found.approved:
                raise CannotDo("Payment must be in a correct state")
            found.state, found.deposited = DEPOSITED, amount
            self.store.keep(found)
            self.callbacks.plan(found, "deposited", mischief)

    def reverse(self, order: Order, mischief: Mischief) -> None:
        """Give back what is held."""
        with self.store.changing():
            found = self.store.order(id=order.id)
            if found is None or found.state != APPROVED:
                raise CannotDo("Payment must be in a correct state")
            found.state = REVERSED
            self.store.keep(found)
            self.callbacks.plan(found, "reversed", mischief)

    def give_back(self, order: Order, amount: int, number: str, expected: int | None, mischief: Mischief) -> None:
        """Give back what was taken, once by the refund's number; raise `CannotDo`, or `ValueError` for too much."""
        with self.store.changing():
            found = self.store.order(id=order.id)
            if found is None or found.state not in (DEPOSITED, REFUNDED):
                raise CannotDo("Payment must be in a correct state")
            number = number or token_hex(8)
            if number in found.refunds:
                return
            if not 0 < amount <= found.deposited or expected not in (None, found.deposited):
                raise ValueError("Refund amount exceeds what was deposited")
            found.refunds[number] = amount
            found.deposited -= amount
            found.refunded += amount
            found.state = REFUNDED
            self.store.keep(found)
            self.callbacks.plan(found, "refunded", mischief)
