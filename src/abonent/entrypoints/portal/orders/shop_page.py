"""The services of a line in words and numbers. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from abonent.domains.catalog.offers import shelves as catalog
from abonent.domains.catalog.offers.shelves import ON_A_PAGE
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
class Shelf:
    """A category that has something; `all` is the address of all of it, when more is sold than stands here."""

    code: str
    title: str
    rows: list[Row]
    all: str
    count: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page; `before` and `after` are addresses of the next pages, where there are such."""

    connected: list[Row]
    coming: list[Row]
    shelves: list[Shelf]
    typed: str
    searchable: bool
    whole: bool
    before: str
    after: str


def present(shop: Shop) -> Page:
    """Return the page."""
    shown = {shelf.code: shelf for shelf in shop.shelves}
    look = shop.look
    order = [(one.code, words.spoken(one.names, one.code)) for one in shop.categories]
    if look.words:
        order = [("", _("Found: “%(words)s”") % {"words": look.words})]
    last = look.page * ON_A_PAGE
    more = not look.is_whole and any(shelf.total > last for shelf in shop.shelves)
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
        shelves=[_shelf(shown[code], title, whole=look.is_whole) for code, title in order if code in shown],
        typed=look.words,
        searchable=not look.is_whole or any(shelf.total > len(shelf.versions) for shelf in shop.shelves),
        whole=look.is_whole,
        before=_address(look, look.page - 1) if look.page > 1 else "",
        after=_address(look, look.page + 1) if more else "",
    )  # fmt: skip


def _shelf(shelf: catalog.Shelf, title: str, *, whole: bool) -> Shelf:
    rows = [
        Row(f"/services/{one.code}/", words.name(one), words.spoken(one.texts), words.price(one))
        for one in shelf.versions
    ]
    more = whole and shelf.total > len(rows)
    return Shelf(
        shelf.code, title, rows, f"/services/?category={shelf.code}" if more else "", formats.number(shelf.total)
    )


def _address(look: catalog.Look, page: int) -> str:
    asked = {"category": look.category, "q": look.words, "page": f"{page}" if page > 1 else ""}
    return "/services/?" + urlencode({name: value for name, value in asked.items() if value})


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
