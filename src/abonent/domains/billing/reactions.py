"""Answers to what happens in other domains."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from abonent.domains.billing import bars
from abonent.domains.billing.actions import rate, rerate_late
from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.autopay import paying as autopay_paying
from abonent.domains.billing.autopay.rules import Why
from abonent.domains.billing.changes import actions as changes
from abonent.domains.billing.changes import messages as changes_messages
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import pauses as families_pauses
from abonent.domains.billing.families.rules import EndedBy
from abonent.domains.billing.family_pays import actions as family_pays
from abonent.domains.billing.fees import messages as fees_messages
from abonent.domains.billing.fees.actions import charge_some, charge_waiting
from abonent.domains.billing.idle import actions as idle
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.limits import messages as limits_messages
from abonent.domains.billing.topups import actions as topups
from abonent.domains.billing.topups import queries as queries_topups
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.lines import queries_money
from abonent.domains.usage import actions as usage
from abonent.foundation.clock import now


def rate_parked_usage(line_ids: list[int]) -> None:
    """Lines were opened: take up and charge the usage that waited for them."""
    usage.take_up_parked(line_ids=line_ids, then=rate)
    rerate_late()


def charge_what_waited(contract_ids: list[int]) -> None:
    """Money came: charge the fees that waited for it."""
    at = now()
    if charge_waiting(contract_ids=contract_ids, at=at):
        fees_messages.tell(at=at)
    bars.follow_contracts(contract_ids=contract_ids, at=at)
    idle.lift_paid(contract_ids=contract_ids, at=at)


def settle_fees(order_id: str, contract_id: int) -> None:  # noqa: ARG001 - the contract's fees, whatever the order was
    """What a line has changed: give back at once what is paid and not used, rather than with the next run."""
    charge_some(lines.of_contracts([contract_id]), now())


def follow_family(order_id: str, contract_id: int) -> None:  # noqa: ARG001 - whatever the order was
    """What lines of a contract have changed: without the service there is no family."""
    families.follow(line_ids=queries_money.served_on(contract_id), at=now())


def rest_families(product_ids: list[int]) -> None:
    """Fees of services wait, or were charged in the end: what families share of them rests, or goes on."""
    families_pauses.follow(product_ids=product_ids, at=now())


def end_family(line_id: int) -> None:
    """The line is no more: neither is its family, nor its place in one."""
    families.dissolve(line_id=line_id, by=EndedBy.NETWORK, at=now())


def cover_family(contract_ids: list[int]) -> None:
    """Somebody has money again: pay for the members of the family who wait for it."""
    family_pays.cover_all(at=now(), payers=contract_ids)


def take_up_payment(
    payment_id: str,
    purpose: str,
    reference: str,
    amount_minor: int,
    currency: str,  # noqa: ARG001 - accounts of contracts are in the house's own
    method: str,
    detail: str,
    at: str,
) -> None:
    """Money came through the gateway: say why, on the contract it is for."""
    if purpose == topups.PURPOSE:
        topups.settle(
            payment_id=UUID(payment_id),
            contract_id=int(reference),
            amount_minor=amount_minor,
            method=method,
            detail=detail,
            at=datetime.fromisoformat(at),
        )
    elif purpose == autopay_paying.PURPOSE:
        autopay_paying.settle(
            payment_id=UUID(payment_id),
            amount_minor=amount_minor,
            method=method,
            detail=detail,
            at=datetime.fromisoformat(at),
        )


def note_declined_payment(
    payment_id: str,
    purpose: str,
    reference: str,  # noqa: ARG001 - who began it is known by its id
    amount_minor: int,  # noqa: ARG001 - so is how much
    reason: str,
) -> None:
    """Money did not come: who waits for it learns so."""
    if purpose == topups.PURPOSE:
        topups.decline(payment_id=UUID(payment_id), reason=reason, at=now())
    elif purpose == autopay_paying.PURPOSE:
        autopay_paying.decline(payment_id=UUID(payment_id), reason=reason, at=now())


def give_back(
    refund_id: str,
    payment_id: str,
    purpose: str,
    reference: str,
    amount_minor: int,
    at: str,
) -> None:
    """Money went back through the gateway."""
    if purpose in queries_topups.PURPOSES:
        topups.give_back(
            refund_id=UUID(refund_id),
            payment_id=UUID(payment_id),
            contract_id=int(reference),
            amount_minor=amount_minor,
            at=datetime.fromisoformat(at),
        )


def forget_person(account_id: int) -> None:
    """The account was deleted: the top-ups it began, which the books need, are nobody's."""
    topups.forget_payer(payer_id=account_id)
    autopay.forget_person(account_id=account_id, at=now())


def end_autopay(account_id: int) -> None:
    """No line is left to the account: its card pays for nothing any more."""
    autopay.card_removed(account_id=account_id, why=Why.LINE_GONE, at=now())


def pay_by_autopay(line_ids: list[int]) -> None:
    """Fees wait for money: whoever agreed to it pays at once, not at the next round."""
    for autopay_id in autopay_paying.due(now(), line_ids):
        autopay_paying.pay(autopay_id=autopay_id, at=now())


def look_at_limits(line_ids: list[int], at_once: bool) -> None:
    """Lines with a spending limit were charged: hold back what is to be held back, and tell their owners."""
    at = now()
    limits.look(line_ids=line_ids, at=at, at_once=at_once)
    limits_messages.tell(at=at)


def bar_at_limit(line_id: int, month: str) -> None:  # noqa: ARG001 - how it stands is read, not remembered
    """A line came to its limit: the network bars what costs money, if that is still so."""
    bars.follow_limits(line_ids=[line_id], at=now())


def unbar_at_limit(line_id: int) -> None:
    """Nothing is to be held back from a line any more: the network lets it go on, if that is still so."""
    bars.follow_limits(line_ids=[line_id], at=now())


def bar_unpaid(line_ids: list[int]) -> None:
    """Fees of lines wait for money, or were paid: the network bars what goes out, or lets it go on."""
    bars.follow_fees(line_ids=line_ids, at=now())


def rate_anew(line_ids: list[int]) -> None:  # noqa: ARG001 - what is to be rated anew is marked, whoever it is of
    """Lines have another tariff: what they used since then, before that was known, is rated anew."""
    rerate_late()


def give_prices(tariff_version_id: int) -> None:
    """A version of a tariff was published for those who have it: each of its lines gets it on its first day."""
    changes.spread(version_id=tariff_version_id, at=now())


def tell_of_prices(line_ids: list[int]) -> None:
    """Lines get other prices: their owners are told, at an hour at which people are told of money."""
    at = now()
    changes.note(line_ids=line_ids, at=at)
    changes_messages.tell(at=at)
