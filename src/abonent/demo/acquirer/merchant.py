"""The shop's side: the merchant protocol, `/payment/rest/….do`, as banks document it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from abonent.demo.acquirer.mischief import Mischief
from abonent.demo.acquirer.store import AT_3DS, Order
from abonent.demo.acquirer.till import CannotDo, Till
from abonent.foundation.clock import now

Fields = Mapping[str, str]
CURRENCIES = ("643", "810")
LIFE_S = 1200


class Wrong(Exception):
    """An answer with an error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Merchant:
    """Answers the shop."""

    till: Till
    address: str
    user: str
    password: str

    def answer(self, method: str, fields: Fields, mischief: Mischief) -> dict[str, Any]:
        """Return the answer to a method of the protocol, errors included."""
        ways: dict[str, Callable[[Fields], dict[str, Any]]] = {
            "register.do": lambda fields: self._register(fields, mischief, two_phase=False),
            "registerPreAuth.do": lambda fields: self._register(fields, mischief, two_phase=True),
            "getOrderStatusExtended.do": self._status,
            "paymentOrderBinding.do": lambda fields: self._pay_by_binding(fields, mischief),
            "decline.do": self._decline,
            "deposit.do": lambda fields: self._deposit(fields, mischief),
            "reverse.do": lambda fields: self._reverse(fields, mischief),
            "refund.do": lambda fields: self._refund(fields, mischief),
            "getBindings.do": self._bindings,
            "unBindCard.do": self._unbind,
            "sbp/c2b/qr/dynamic/get.do": self._qr,
        }
        try:
            if method not in ways:
                raise Wrong(5, "No such method")
            self._check_login(fields)
            return {"errorCode": "0"} | ways[method](fields)
        except Wrong as wrong:
            return {"errorCode": str(wrong.code), "errorMessage": str(wrong)}
        except CannotDo as error:
            return {"errorCode": "7", "errorMessage": str(error)}

    def _check_login(self, fields: Fields) -> None:
        right = hmac.compare_digest(
            f"{fields.get('userName')}:{fields.get('password')}".encode(), f"{self.user}:{self.password}".encode()
        )
        if not right:
            raise Wrong(5, "Access denied")

    def _register(self, fields: Fields, mischief: Mischief, *, two_phase: bool) -> dict[str, Any]:
        number, return_url = fields.get("orderNumber", ""), fields.get("returnUrl", "")
        if not 1 <= len(number) <= 36 or not return_url:
            raise Wrong(4, "orderNumber or returnUrl is missing")
        if fields.get("currency") not in CURRENCIES:
            raise Wrong(3, "Unknown currency")
        if self.till.store.order(number=number) is not None:
            raise Wrong(1, "Order with this number is already registered")
        binding = fields.get("bindingId", "")
        if binding:
            self._binding(binding, fields.get("clientId", ""))
        at = now().timestamp()
        order = Order(
            id=str(uuid4()),
            number=number,
            amount=_whole(fields, "amount"),
            currency=fields["currency"],
            return_url=return_url,
            description=fields.get("description", "")[:598],
            language="en" if fields.get("language") == "en" else "ru",
            created=at,
            expires=at + _whole(fields, "sessionTimeoutSecs", LIFE_S),
            client=fields.get("clientId", ""),
            binding=binding,
            force_save=fields.get("features") == "FORCE_CREATE_BINDING",
            cash_code=_cash_code(fields),
            two_phase=two_phase,
        )
        self.till.make(order, mischief)
        return {"orderId": order.id, "formUrl": f"{self.address}/pay/{order.id}"}

    def _order(self, fields: Fields) -> Order:
        for name, by in (("orderId", "id"), ("mdOrder", "id"), ("orderNumber", "number")):
            if fields.get(name):
                found = self.till.fresh(self.till.store.order(**{by: fields[name]}))
                if found is None:
                    raise Wrong(6, "Unregistered orderId")
                return found
        raise Wrong(5, "orderId is missing")

    def _status(self, fields: Fields) -> dict[str, Any]:
        order = self._order(fields)
        told: dict[str, Any] = {
            "orderNumber": order.number,
            "orderStatus": AT_3DS if order.ready else order.state,
            "actionCode": order.action_code,
            "amount": order.amount,
            "currency": order.currency,
            "date": int(order.created * 1000),
            "orderDescription": order.description,
            "merchantOrderParams": [],
            "attributes": [{"name": "mdOrder", "value": order.id}],
            "terminalId": "orbita-1",
            "paymentAmountInfo": {
                "approvedAmount": order.approved,
                "depositedAmount": order.deposited,
                "refundedAmount": order.refunded,
            },
            "bankInfo": {"bankName": "Банк Орбита", "bankCountryCode": "RU"},
        }
        if order.masked:
            told["cardAuthInfo"] = {"maskedPan": order.masked, "expiration": order.expiry, "paymentSystem": "MIR"}
        if order.saved:
            told["bindingInfo"] = {"clientId": order.client, "bindingId": order.saved}
        return told

    def _binding(self, binding_id: str, client: str = "") -> Any:
        found = self.till.store.binding(binding_id)
        if found is None or not found.active or (client and found.client != client):
            raise Wrong(2, "Binding is not found")
        return found

    def _pay_by_binding(self, fields: Fields, mischief: Mischief) -> dict[str, Any]:
        order = self._order(fields)
        done = self.till.pay_by_binding(order, self._binding(fields.get("bindingId", "")), mischief)
        return {"info": "done" if done else "declined", "redirect": order.return_url}

    def _decline(self, fields: Fields) -> dict[str, Any]:
        self.till.close(self._order(fields))
        return {}

    def _deposit(self, fields: Fields, mischief: Mischief) -> dict[str, Any]:
        self.till.capture(self._order(fields), _whole(fields, "amount"), mischief)
        return {}

    def _reverse(self, fields: Fields, mischief: Mischief) -> dict[str, Any]:
        self.till.reverse(self._order(fields), mischief)
        return {}

    def _refund(self, fields: Fields, mischief: Mischief) -> dict[str, Any]:
        expected = _whole(fields, "expectedDepositedAmount") if fields.get("expectedDepositedAmount") else None
        try:
            self.till.give_back(
                self._order(fields), _whole(fields, "amount"), fields.get("externalRefundId", ""), expected, mischief
            )
        except ValueError as error:
            raise Wrong(5, str(error)) from None
        return {}

    def _bindings(self, fields: Fields) -> dict[str, Any]:
        kept = self.till.store.bindings(fields.get("clientId", ""))
        if not kept:
            raise Wrong(2, "No bindings are found")
        return {
            "bindings": [
                {"bindingId": one.id, "maskedPan": one.masked, "expiryDate": one.expiry, "paymentSystem": "MIR"}
                for one in kept
            ]
        }

    def _unbind(self, fields: Fields) -> dict[str, Any]:
        binding = self._binding(fields.get("bindingId", ""))
        binding.active = False
        with self.till.store.changing():
            self.till.store.keep_binding(binding)
        return {}

    def _qr(self, fields: Fields) -> dict[str, Any]:
        order = self._order(fields)
        with self.till.store.changing():
            order = self.till.store.order(id=order.id) or order
            order.qr = order.qr or f"AD{uuid4().hex[:30].upper()}"
            self.till.store.keep(order)
        return {"qrId": order.qr, "payload": f"{self.address}/sbp/{order.qr}", "status": "STARTED"}


def _whole(fields: Fields, name: str, default: int | None = None) -> int:
    value = fields.get(name, "")
    if not value and default is not None:
        return default
    if not (value.isascii() and value.isdecimal()) or not 0 < int(value) < 10**12:
        raise Wrong(5, f"{name} is wrong")
    return int(value)


def _cash_code(fields: Fields) -> str | None:
    try:
        told = json.loads(fields.get("jsonParams") or "{}")
    except ValueError:
        raise Wrong(5, "jsonParams is no JSON") from None
    code = told.get("cashCode") if isinstance(told, dict) else None
    return str(code)[:20] if code else None
