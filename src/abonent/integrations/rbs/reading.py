"""What the gateway's words mean: answers, codes, callbacks and their checksum. Pure."""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from abonent.domains.payments.ports import BadNotice, BoundCard, Forged, NoAnswer, Notice, Outcome, Reason, Status

# ISO 4217, as numbers.
CURRENCIES = {"RUB": "643"}
_LETTERS = {"643": "RUB", "810": "RUB"}

# `errorCode` of answers.
DONE, TAKEN_NUMBER, NOT_FOUND_BINDING, NOT_THERE, FAULT = 0, 1, 2, 6, 7
# `orderStatus`.
CREATED, APPROVED, DEPOSITED, REVERSED, REFUNDED, AT_3DS, DECLINED = range(7)

REASONS = {
    Reason.FUNDS: (116, 51, 151018),
    Reason.EXPIRED_CARD: (101, 33, 54),
    Reason.BLOCKED_CARD: (104, 200, 208, 209, 41, 43),
    Reason.LIMIT: (121, 123, 120, 61, 65),
    Reason.NOT_CONFIRMED: (-2001, -2005, -2006, -2011, -2018, -2019, -2020, 151017),
    Reason.WRONG_CARD: (111, 125, 71015, 14),
    Reason.TIME: (-2007, -2002, -3),
}
_REASON_OF = {code: reason for reason, codes in REASONS.items() for code in codes}

NOTICE_FIELDS_MAX, NOTICE_VALUE_MAX = 60, 1000


def number_of(payment_id: UUID) -> str:
    """Return the order's number: 32 characters at most are allowed everywhere."""
    return payment_id.hex


def refund_number_of(refund_id: UUID) -> str:
    """Return a refund's number: of at most 30 characters, other for every refund."""
    return hashlib.blake2b(refund_id.bytes, digest_size=15).hexdigest()


def error_of(answer: Mapping[str, Any]) -> int:
    """Return the error code of an answer, 0 when there is none; raise `NoAnswer` for one that is no number."""
    code = answer.get("errorCode", 0)
    if code in (None, ""):
        return DONE
    if not re.fullmatch(r"-?\d{1,9}", str(code)):
        raise NoAnswer("the error code is no number")
    return int(code)


def outcome(payment_id: UUID, answer: Mapping[str, Any]) -> Outcome:
    """Return what an answer to `getOrderStatusExtended.do` says; raise `NoAnswer` when it is about something else."""
    code = error_of(answer)
    if code == NOT_THERE:
        return Outcome(Status.ABSENT)
    if code != DONE:
        raise NoAnswer(f"status: error {code}")
    if answer.get("orderNumber") != number_of(payment_id):
        raise NoAnswer("status: the answer is about another order")
    state = _whole(answer, "orderStatus")
    sums = answer.get("paymentAmountInfo") or {}
    if not isinstance(sums, dict):
        raise NoAnswer("status: the sums are no object")
    taken, returned = _sums(state, _whole(answer, "amount"), sums)
    return Outcome(
        status=_STATUS.get(state, Status.OPEN),
        gateway_order=_order_of(answer),
        taken_minor=taken,
        returned_minor=returned,
        currency=_LETTERS.get(str(answer.get("currency", "")), str(answer.get("currency", ""))[:3]),
        reason=_REASON_OF.get(_whole(answer, "actionCode", 0), Reason.BANK),
        card=_bound_card(answer),
        detail=_detail(answer),
    )


_STATUS = {
    CREATED: Status.OPEN,
    APPROVED: Status.HELD,
    DEPOSITED: Status.TAKEN,
    REVERSED: Status.RETURNED,
    REFUNDED: Status.RETURNED,
    AT_3DS: Status.OPEN,
    DECLINED: Status.DECLINED,
}


def _sums(state: int, amount: int, sums: Mapping[str, Any]) -> tuple[int, int]:
    """Return what was taken (or is held) and what of it went back.

    What is left of a payment shrinks with its refunds, what was approved does not.
    """
    approved, deposited = _whole(sums, "approvedAmount", 0), _whole(sums, "depositedAmount", 0)
    if state == APPROVED:
        return approved or amount, 0
    if state == DEPOSITED:
        return deposited, 0
    if state == REVERSED:
        return approved or amount, approved or amount
    if state == REFUNDED:
        returned = _whole(sums, "refundedAmount", 0)
        return max(approved, returned), returned
    return 0, 0


def _whole(fields: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", str(value)):
        raise NoAnswer(f"status: {name} is no whole number")
    return int(str(value))


def _order_of(answer: Mapping[str, Any]) -> str:
    for attribute in answer.get("attributes") or ():
        if isinstance(attribute, dict) and attribute.get("name") == "mdOrder":
            return str(attribute.get("value", ""))[:64]
    return ""


def _means(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Return the brand of the card and its last four digits, as far as they are told."""
    card = answer.get("cardAuthInfo")
    if not isinstance(card, dict):
        return "", ""
    masked = str(card.get("maskedPan") or card.get("pan") or "")
    digits = re.search(r"(\d{4})\s*$", masked)
    return brand_of(card), digits[1] if digits else ""


def brand_of(card: Mapping[str, Any]) -> str:
    """Return the payment system's name, or what the first digits say."""
    named = re.sub(r"[^A-Z]", "", str(card.get("paymentSystem") or "").upper())[:20]
    masked = str(card.get("maskedPan") or card.get("pan") or "")
    first = {"2": "MIR", "4": "VISA", "5": "MASTERCARD", "6": "UNIONPAY"}.get(masked[:1], "")
    return named or first


def _detail(answer: Mapping[str, Any]) -> str:
    brand, last_four = _means(answer)
    return f"{brand} •• {last_four}".strip() if last_four else ""


def _bound_card(answer: Mapping[str, Any]) -> BoundCard | None:
    bound, card = answer.get("bindingInfo"), answer.get("cardAuthInfo")
    if not isinstance(bound, dict) or not bound.get("bindingId") or not isinstance(card, dict):
        return None
    brand, last_four = _means(answer)
    expires_on = last_day(str(card.get("expiration") or ""))
    return BoundCard(str(bound["bindingId"])[:255], brand, last_four, expires_on) if expires_on and last_four else None


def last_day(month: str) -> date | None:
    """Return the last day of a month as `203012`; None when it is none."""
    if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", month):
        return None
    year, number = int(month[:4]), int(month[4:])
    return date(year, number, calendar.monthrange(year, number)[1])


def bindings(answer: Mapping[str, Any]) -> tuple[BoundCard, ...]:
    """Return the cards in an answer to `getBindings.do`; those nobody can read are left out."""
    found = []
    for one in answer.get("bindings") or ():
        if not isinstance(one, dict) or not one.get("bindingId"):
            continue
        expires_on = last_day(str(one.get("expiryDate") or ""))
        digits = re.search(r"(\d{4})\s*$", str(one.get("maskedPan") or ""))
        if expires_on and digits:
            found.append(BoundCard(str(one["bindingId"])[:255], brand_of(one), digits[1], expires_on))
    return tuple(found)


def checksum(key: str, fields: Mapping[str, str]) -> str:
    """Return the checksum of a callback: HMAC-SHA256 of `name;value;` of all other fields, in the order of names."""
    said = "".join(f"{name};{fields[name]};" for name in sorted(fields) if name not in ("checksum", "sign_alias"))
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest().upper()


def notice(key: str, fields: Mapping[str, str]) -> Notice:
    """Return what a callback says; raise `Forged` unless it is signed with `key`, `BadNotice` for one of no use."""
    if not key or len(fields) > NOTICE_FIELDS_MAX or any(len(value) > NOTICE_VALUE_MAX for value in fields.values()):
        raise Forged
    expected = checksum(key, fields)
    if not hmac.compare_digest(expected.encode(), fields.get("checksum", "").upper().encode("utf-8", "replace")):
        raise Forged
    order, operation, status = fields.get("mdOrder", ""), fields.get("operation", ""), fields.get("status", "")
    if not re.fullmatch(r"[0-9A-Za-z-]{1,64}", order):
        raise BadNotice("mdOrder is missing or no order")
    if not re.fullmatch(r"[A-Za-z0-9_]{1,30}", operation):
        raise BadNotice("operation is missing or none")
    if status not in ("0", "1"):
        raise BadNotice("status must be 0 or 1")
    number, amount = fields.get("orderNumber", ""), fields.get("amount", "")
    return Notice(
        payment_id=UUID(number) if re.fullmatch(r"[0-9a-f]{32}", number) else None,
        gateway_order=order,
        operation=operation,
        succeeded=status == "1",
        amount_minor=int(amount) if re.fullmatch(r"[0-9]{1,18}", amount) else None,
        key=expected.lower(),
    )
