"""The services of a line in words and numbers. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from abonent.domains.orders.queries import Connected, Shop
from abonent.domains.orders.states import State
from abonent.entrypoints.portal.orders import words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A service, or an order for one; leads to its page. `badge` says what is special about it."""

    address: str
    title: str
    about: str
    price: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page; `shelves` are the categories that have something, with their rows."""

    connected: list[Row]
    coming: list[Row]
    shelves: list[tuple[str, str, list[Row]]]


def present(shop: Shop) -> Page:
    """Return the page."""
    shelves = [
        (
            category.code,
            words.spoken(category.names, category.code),
            [
                Row(f"/services/{one.code}/", words.name(one), words.spoken(one.texts), words.price(one))
                for one in shop.available
                if one.category == category.code
            ],
        )
        for category in shop.categories
    ]
    return Page(
        connected=[_connected(one) for one in shop.connected],
        coming=[
            Row(
                f"/orders/{order.id}/", words.spoken(order.names, order.offer_code),
                _("From %(day)s") % {"day": formats.day(order.effective_at)}
                if order.state is State.PENDING and order.command_id is None
                else _("Done within a few minutes"),
                formats.money(order.total_minor) if order.total_minor else "",
            )
            for order in shop.coming
        ],
        shelves=[shelf for shelf in shelves if shelf[2]],
    )  # fmt: skip


def _connected(one: Connected) -> Row:
    version = one.version
    about = _("Since %(day)s") % {"day": formats.day(one.product.since)}
    if one.product.paused_at is not None:
        about = _("Off until there is enough money for the fee")
    elif one.next_on is not None:
        about = _("Next charge: %(sum)s on %(day)s") % {
            "sum": formats.money(version.fee_minor),
            "day": formats.day(one.next_on),
        }
    badge = _("on the way") if one.order_id else _("paused") if one.product.paused_at else ""
    address = f"/orders/{one.order_id}/" if one.order_id else f"/services/{version.code}/"
    return Row(address, words.name(version), about, words.fee(version), badge)
