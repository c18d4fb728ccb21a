"""Answers of orders to what happened to them and at the network."""

from __future__ import annotations

from uuid import UUID

from abonent.domains.orders import actions, fulfilment
from abonent.domains.orders.barring import actions as barring
from abonent.domains.orders.forwarding import actions as forwarding
from abonent.domains.orders.sims import esims as sims_esims
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import gateway as subscriptions_gateway
from abonent.foundation.clock import now


def take_up(order_id: str) -> None:
    """An order was placed: take it up; one for an eSIM has its profile made."""
    fulfilment.advance(order_id=UUID(order_id), at=now())
    sims_esims.prepare(order_id=UUID(order_id))


def note_asked(command_id: str, reference: str) -> None:  # noqa: ARG001 - the order knows its command
    """The network was asked for something; when it was for an order, that is on the way."""
    fulfilment.note_asked(order_id=UUID(reference), at=now())


def forget_person(account_id: int) -> None:
    """The account was deleted: the orders it placed, which the contract needs, are nobody's."""
    actions.forget_person(account_id=account_id)
    forwarding.forget_person(account_id=account_id)
    barring.forget_person(account_id=account_id)


def end_waiting_for_card(line_id: int) -> None:
    """Another SIM serves the line: a card that waited for it in a shop was handed out."""
    for order_id in sims_queries.waiting_in_shop([line_id]):
        fulfilment.note_done(order_id=order_id, at=now())


def give_up(line_id: int) -> None:
    """The line is not served any more: what was ordered for it and not begun comes to nothing."""
    fulfilment.give_up(line_id=line_id, at=now())
    subscriptions.end_of_line(line_id=line_id, at=now())


def settle(command_id: str, reference: str) -> None:  # noqa: ARG001 - the order knows its command
    """The network answered; when it was for an order, a forwarding or barring, that has its end."""
    fulfilment.settle(order_id=UUID(reference), at=now())
    forwarding.settle(change_id=UUID(reference), at=now())
    barring.settle(change_id=UUID(reference), at=now())


def charge_subscriptions(contract_ids: list[int]) -> None:
    """Money came: subscriptions of providers that were paused without it may go on."""
    subscriptions.charge_paused(contract_ids=contract_ids, at=now())


def tell_provider(subscription_id: str) -> None:
    """A subscription began, paused, went on or ended: its provider is told, as often as it takes."""
    subscriptions_gateway.tell(subscription_id=UUID(subscription_id), at=now())
