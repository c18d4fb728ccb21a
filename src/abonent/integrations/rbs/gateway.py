"""The gateway that speaks the protocol: orders, bindings, captures, refunds, QR codes of the fast payment system."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from abonent.domains.payments.ports import (
    BoundCard,
    Method,
    NoAnswer,
    Notice,
    Order,
    Outcome,
    Reason,
    Refused,
    Registered,
)
from abonent.foundation.clock import now
from abonent.integrations.rbs import reading
from abonent.integrations.rbs.wire import Wire

log = logging.getLogger(__name__)

# Who begins a payment with a saved card: its owner's agreement, at no fixed times, without its owner.
WITHOUT_OWNER = "U"
LIFE_MIN_S = 60


class Rbs:
    """Implements `payments.ports.PaymentGateway`."""

    def __init__(self) -> None:
        merchant = settings.RBS
        if not merchant.url:
            raise ValueError("ABONENT_RBS_URL is missing")
        self._merchant = merchant
        self._wire = Wire(merchant.url, user=merchant.user, password=merchant.password, ca=merchant.ca)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The ways that the bank agreed to."""
        return tuple(Method(name) for name in self._merchant.methods)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the bank's pages are."""
        return tuple(self._merchant.pages)

    def register(self, order: Order) -> Registered:
        """Make the order known; for a QR code ask for the code, too."""
        name, page = self._register(order, _about_cards(order))
        if order.method is Method.CASH:
            return Registered(name)
        if order.method is not Method.SBP:
            return Registered(name, redirect_url=self._own_page(page))
        answer = self._wire.call("sbp/c2b/qr/dynamic/get.do", {"mdOrder": name, "redirectUrl": order.return_url})
        self._ensure_done("sbp/c2b/qr/dynamic/get.do", answer)
        payload = answer.get("payload")
        if not isinstance(payload, str) or urlsplit(payload).scheme not in ("https", "http") or len(payload) > 500:
            raise NoAnswer("the QR code holds no address")
        return Registered(name, qr_payload=payload)

    def charge(self, order: Order) -> Registered:
        """Register and take at once; an order that the saved card does not pay is closed."""
        name, _ = self._register(order, {"features": "AUTO_PAYMENT"})
        method = "paymentOrderBinding.do"
        answer = self._wire.call(method, {"mdOrder": name, "bindingId": order.token, "tii": WITHOUT_OWNER})
        code = reading.error_of(answer)
        if code == reading.FAULT:
            raise NoAnswer(f"{method}: error {code}")
        if code != reading.DONE or answer.get("acsUrl"):
            self.cancel(order.payment_id, name)
            if answer.get("acsUrl"):
                raise Refused("the card's bank asks its owner", Reason.NOT_CONFIRMED)
            raise Refused(
                f"{method}: error {code}",
                Reason.WRONG_CARD if code == reading.NOT_FOUND_BINDING else Reason.BANK,
            )
        return Registered(name)

    def _register(self, order: Order, also: Mapping[str, str]) -> tuple[str, str]:
        """Return the gateway's name of the order and its page."""
        method = "registerPreAuth.do" if self._merchant.two_phase and order.method is Method.CARD else "register.do"
        fields: dict[str, str | int] = {
            "orderNumber": reading.number_of(order.payment_id),
            "amount": order.amount_minor,
            "currency": reading.CURRENCIES[order.currency],
            "returnUrl": order.return_url,
            "failUrl": order.return_url,
            "description": order.description,
            "language": order.language,
            "sessionTimeoutSecs": max(int((order.expires_at - now()).total_seconds()), LIFE_MIN_S),
            **also,
        }
        if order.payer:
            fields["clientId"] = order.payer
        if order.cash_code:
            fields["jsonParams"] = json.dumps({"cashCode": order.cash_code})
        answer = self._wire.call(method, fields)
        self._ensure_done(method, answer)
        name, page = answer.get("orderId"), answer.get("formUrl", "")
        if not isinstance(name, str) or not 1 <= len(name) <= 64 or not isinstance(page, str):
            raise NoAnswer(f"{method}: the answer names no order")
        return name, page

    def _ensure_done(self, method: str, answer: Mapping[str, Any]) -> None:
        code = reading.error_of(answer)
        if code == reading.DONE:
            return
        if code in (reading.TAKEN_NUMBER, reading.FAULT):
            # The number is known there: what became of it is asked, not guessed.
            raise NoAnswer(f"{method}: error {code}")
        log.error("the payment gateway refuses %s with error %s", method, code)
        raise Refused(f"{method}: error {code}")

    def _own_page(self, page: str) -> str:
        """Return the page people are led to; one that is not the bank's leads nowhere."""
        parts = urlsplit(page)
        if f"{parts.scheme}://{parts.netloc}" not in self._merchant.pages or len(page) > 500:
            raise NoAnswer("the form is on a page that ABONENT_RBS_PAGES does not name")
        return page

    def status(self, payment_id: UUID, gateway_order: str) -> Outcome:
        """Return the truth about an order."""
        answer = self._wire.call("getOrderStatusExtended.do", {"orderNumber": reading.number_of(payment_id)})
        found = reading.outcome(payment_id, answer)
        if gateway_order and found.gateway_order and found.gateway_order != gateway_order:
            raise NoAnswer("status: the answer is about another order")
        return found

    def cancel(self, payment_id: UUID, gateway_order: str) -> None:
        """Close an unpaid order."""
        named = {"orderId": gateway_order} if gateway_order else {"orderNumber": reading.number_of(payment_id)}
        answer = self._wire.call("decline.do", named)
        code = reading.error_of(answer)
        if code != reading.DONE:
            raise Refused(f"decline.do: error {code}")

    def capture(self, gateway_order: str, amount_minor: int) -> None:
        """Take what is held."""
        self._move("deposit.do", {"orderId": gateway_order, "amount": amount_minor})

    def release(self, gateway_order: str) -> None:
        """Give back what is held."""
        self._move("reverse.do", {"orderId": gateway_order})

    def refund(self, refund_id: UUID, gateway_order: str, *, amount_minor: int, left_before_minor: int) -> None:
        """Give back what was taken: twice held to be once, by the refund's number and by what must be left."""
        fields: dict[str, str | int] = {
            "orderId": gateway_order,
            "amount": amount_minor,
            "externalRefundId": reading.refund_number_of(refund_id),
            "expectedDepositedAmount": left_before_minor,
        }
        self._move("refund.do", fields)

    def _move(self, method: str, fields: Mapping[str, str | int]) -> None:
        code = reading.error_of(self._wire.call(method, fields))
        if code == reading.FAULT:
            # "A system error" and "not in this state" have one code: the order's state tells which.
            raise NoAnswer(f"{method}: error {code}")
        if code != reading.DONE:
            raise Refused(f"{method}: error {code}")

    def cards(self, payer: str) -> tuple[BoundCard, ...]:
        """Return the cards that the gateway keeps for a payer."""
        answer = self._wire.call("getBindings.do", {"clientId": payer})
        code = reading.error_of(answer)
        if code == reading.NOT_FOUND_BINDING:
            return ()
        if code != reading.DONE:
            raise NoAnswer(f"getBindings.do: error {code}")
        return reading.bindings(answer)

    def forget(self, token: str) -> None:
        """Keep the card no longer."""
        code = reading.error_of(self._wire.call("unBindCard.do", {"bindingId": token}))
        if code not in (reading.DONE, reading.NOT_FOUND_BINDING):
            raise NoAnswer(f"unBindCard.do: error {code}")

    def notice(self, fields: Mapping[str, str]) -> Notice:
        """Return what a callback says."""
        return reading.notice(self._merchant.key, fields)


def _about_cards(order: Order) -> dict[str, str]:
    """Return with what card the order is paid, or that the new one is kept: its owner asked for that on our page."""
    if order.token:
        return {"bindingId": order.token}
    return {"features": "FORCE_CREATE_BINDING"} if order.payer else {}
