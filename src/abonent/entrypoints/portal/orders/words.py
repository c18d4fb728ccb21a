"""How services, their prices and the states of orders are put into words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import State
from abonent.web import format as formats


def spoken(names: Mapping[str, str], otherwise: str = "") -> str:
    """Return the name in the language of the page."""
    return names.get(get_language() or "") or otherwise


def name(version: OfferVersion) -> str:
    """Return what a service is called."""
    return spoken(version.names, version.code)


def fee(version: OfferVersion) -> str:
    """Return what it costs from month to month or from day to day."""
    if not version.fee_minor:
        return _("No fee")
    said = _("%(sum)s a day") if version.per == "day" else _("%(sum)s a month")
    return said % {"sum": formats.money(version.fee_minor)}


def later_fee(fee_minor: int, per: str, day: date) -> str:
    """Return what is charged from a day on."""
    said = _("%(sum)s a day, from %(day)s") if per == "day" else _("%(sum)s a month, from %(day)s")
    return said % {"sum": formats.money(fee_minor), "day": formats.day(day)}


def price(version: OfferVersion) -> str:
    """Return all that it costs, in one line."""
    if not version.once_minor:
        return fee(version)
    once = _("%(sum)s to connect") % {"sum": formats.money(version.once_minor)}
    return f"{fee(version)}, {once}" if version.fee_minor else once


def state(of: State) -> str:
    """Return where an order stands."""
    return {
        State.ACKNOWLEDGED: pgettext("order", "Accepted"),
        State.PENDING: pgettext("order", "Waiting"),
        State.IN_PROGRESS: pgettext("order", "In progress"),
        State.COMPLETED: pgettext("order", "Done"),
        State.FAILED: pgettext("order", "Not done"),
        State.CANCELLED: pgettext("order", "Undone"),
    }[of]


def states(of: State) -> str:
    """Return what orders in a state are called together, for the filter."""
    return {
        State.ACKNOWLEDGED: pgettext("orders", "Accepted"),
        State.PENDING: pgettext("orders", "Waiting"),
        State.IN_PROGRESS: pgettext("orders", "In progress"),
        State.COMPLETED: pgettext("orders", "Done"),
        State.FAILED: pgettext("orders", "Not done"),
        State.CANCELLED: pgettext("orders", "Undone"),
    }[of]


def title(action: Action, service: str) -> str:
    """Return what an order is for."""
    if action is Action.BLOCK:
        return _("A block for a while")
    if action is Action.SIM:
        return _("Another SIM")
    if action is Action.NUMBER:
        return _("Another number")
    if action is Action.TARIFF:
        return _("Change to the tariff “%(tariff)s”") % {"tariff": service}
    if action is Action.DISCONNECT:
        return _("Disconnect “%(service)s”") % {"service": service}
    return _("Connect “%(service)s”") % {"service": service}
