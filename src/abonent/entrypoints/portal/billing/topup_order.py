"""What became of a top-up, as text: waiting, not known, declined, paid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import segno
from django.utils.translation import gettext as _
from markupsafe import Markup

from abonent.domains.billing import queries as billing
from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.topups.queries import Begun
from abonent.domains.billing.topups.rules import CASH, SAVED_CARD
from abonent.domains.payments.queries import Payment
from abonent.domains.payments.rules import Reason
from abonent.domains.payments.states import State
from abonent.entrypoints.portal.billing.receipts import Receipt, operation_number
from abonent.entrypoints.portal.billing.topup_form import OTHER, SAVED
from abonent.entrypoints.portal.billing.topup_page import CONFIRM, TOPUP, way_name
from abonent.entrypoints.portal.billing.words import paid_for
from abonent.entrypoints.portal.visitor import Visitor
from abonent.web import format as formats

# The page looks again by itself: soon at first, then more and more seldom.
LOOKS_AGAIN_S, LOOKS_AGAIN_SELDOM_S = 5, 30
SOON = timedelta(minutes=3)
STATES = {State.NEW: "asking", State.UNKNOWN: "asking", State.STARTED: "open", State.SETTLED: "paid"}


@dataclass(frozen=True, slots=True)
class Order:
    """A top-up as it stands: `state` is `asking`, `open`, `unpaid` or `paid` (then `receipt` says all).

    `redirect` is where it is paid, `qr` the same for a phone's camera, `code` for a terminal; `looks_again_s` is None
    when nothing more happens by itself.
    """

    id: str
    state: str
    method: str
    title: str
    total: str
    facts: list[tuple[str, str]]
    reason: str
    advice: str
    until: str
    redirect: str
    qr: Markup
    pays_by_app: str
    code: str
    again: str
    looks_again_s: int | None
    receipt: Receipt | None


def present(begun: Begun, payment: Payment, visitor: Visitor, now: datetime) -> Order:
    """Return the page of a top-up."""
    state = STATES.get(payment.state, "unpaid")
    reason, advice = _why(payment)
    soon = now - payment.created_at < SOON
    return Order(
        id=str(begun.id),
        state=state,
        method=begun.method,
        title=_title(state, payment),
        total=formats.money(payment.amount_minor),
        facts=[
            (paid_for(begun.number), formats.phone(begun.number)),
            (_("How"), payment.detail or way_name(begun.method)),
            (_("Begun"), formats.moment(begun.created_at)),
            (_("Operation number"), operation_number(begun.id)),
        ],
        reason=reason,
        advice=advice,
        until=formats.moment(payment.expires_at),
        redirect=payment.redirect_url,
        qr=_qr(payment.qr_payload) if state == "open" and payment.qr_payload else Markup(),
        pays_by_app=payment.qr_payload,
        code=_spaced(payment.cash_code),
        again=again(begun),
        looks_again_s=None if payment.is_final else LOOKS_AGAIN_S if soon else LOOKS_AGAIN_SELDOM_S,
        receipt=receipt(begun, payment, visitor) if state == "paid" else None,
    )


def again(begun: Begun, address: str = TOPUP) -> str:
    """Return the address of a form filled in like this top-up."""
    fields = {
        "amount": formats.plain(begun.amount_minor),
        "to": str(begun.own_line_id) if begun.own_line_id else OTHER,
        "number": "" if begun.own_line_id else begun.number,
        "way": f"{SAVED}{begun.card_id}" if begun.card_id else begun.method,
    }
    return f"{address}?{urlencode({name: value for name, value in fields.items() if value})}"


def receipt(begun: Begun, payment: Payment, visitor: Visitor) -> Receipt:
    """Return the receipt of a top-up that was paid, from what the gateway brought."""
    own = any(line.contract_id == begun.contract_id for line in visitor.lines)
    return Receipt(
        id=begun.id,
        amount_minor=payment.settled_minor or 0,
        refunded_minor=payment.refunded_minor,
        at=payment.settled_at or payment.created_at,
        number=begun.number,
        how=payment.detail or way_name(begun.method),
        payer="",
        astray=begun.is_astray,
        balance_minor=billing.balance(begun.contract_id) if own else None,
        again=again(begun, CONFIRM) if begun.method != SAVED_CARD else again(begun),
        for_other=not own,
        is_fiscal=own and fiscal.is_queued(begun.id),
    )


def _title(state: str, payment: Payment) -> str:
    if state == "asking":
        return _("We are asking the bank")
    if state == "unpaid":
        return (
            _("Time is up: nothing was paid") if payment.state == State.EXPIRED else _("The payment did not go through")
        )
    if payment.method == CASH:
        return _("Pay at a terminal")
    if payment.redirect_url:
        return _("Waiting for your payment")
    return _("Scan the code with your bank's app") if payment.qr_payload else _("The bank is working on it")


def _why(payment: Payment) -> tuple[str, str]:
    """Return why nothing was paid and what to do next, in words of the language now spoken."""
    if payment.state == State.EXPIRED:
        return _("Nobody paid in time, and the order is closed."), _("Begin anew when it suits you.")
    if payment.reason is None or payment.state != State.DECLINED:
        return "", ""
    said = {
        Reason.FUNDS: (_("There is not enough money on the card."), _("Pay a smaller sum, or with another card.")),
        Reason.EXPIRED_CARD: (_("The card has expired."), _("Pay with another card or by the code for bank apps.")),
        Reason.BLOCKED_CARD: (_("The bank has blocked the card."), _("Ask your bank, or pay with another card.")),
        Reason.LIMIT: (
            _("The sum is above the limit of the card."),
            _("Raise the limit in the bank's app, or pay less."),
        ),
        Reason.NOT_CONFIRMED: (
            _("The payment was not confirmed at the bank."),
            _("Try again with the code of the bank."),
        ),
        Reason.WRONG_CARD: (_("The bank does not know such a card."), _("Check number, month and code of the card.")),
        Reason.RETURNED: (_("The bank took the money back."), _("Ask your bank why, or pay another way.")),
        Reason.NOT_REACHED: (_("The bank could not be reached."), _("Try again in a few minutes.")),
        Reason.TIME: (_("Nobody paid in time."), _("Begin anew when it suits you.")),
    }
    return said.get(payment.reason) or (
        _("The bank said no and did not tell why."),
        _("Ask your bank, or pay another way."),
    )


def _qr(payload: str) -> Markup:
    drawn = segno.make(payload, error="m", micro=False)
    svg = drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return Markup(svg)  # noqa: S704 - drawn by us; the text is in it as dots


def _spaced(code: str) -> str:
    """Return the digits in groups, as they are read out."""
    return formats.NBSP.join(re.findall(r"\d{3}(?=\d{3})|\d+", code))
