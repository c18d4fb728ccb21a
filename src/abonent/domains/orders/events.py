"""Facts about orders."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrderPlaced:
    """An order was written down, and its price is held."""

    order_id: str


@dataclass(frozen=True)
class OrderCompleted:
    """What was ordered for a line of the contract is there, or gone."""

    order_id: str
    contract_id: int


@dataclass(frozen=True)
class OrderFailed:
    """What was ordered will not be; nothing was taken for it."""

    order_id: str
    contract_id: int


@dataclass(frozen=True)
class SubscriptionChanged:
    """A provider's subscription began, is paused, goes on or ended: its provider is told how it stands by then."""

    subscription_id: str
