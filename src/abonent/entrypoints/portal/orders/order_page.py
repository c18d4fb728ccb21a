"""Orders in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from abonent.domains.lines.provisioning.queries import Asked
from abonent.domains.lines.provisioning.rules import State as AskedState
from abonent.domains.lines.queries import Line
from abonent.domains.orders.queries import Order, Trace
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import State
from abonent.entrypoints.portal.orders import words
from abonent.entrypoints.portal.orders.own_page import OfLine
from abonent.entrypoints.portal.packages import words as package_words
from abonent.web import format as formats
from abonent.web.words import line_label

LOOKS_AGAIN_S = 5
ICONS = {
    State.ACKNOWLEDGED: "clock",
    State.PENDING: "clock",
    State.IN_PROGRESS: "clock",
    State.COMPLETED: "check",
    State.FAILED: "alert",
    State.CANCELLED: "history",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An order in the list."""

    address: str
    icon: str
    title: str
    about: str
    sum: str


@dataclass(frozen=True, slots=True)
class History:
    """All of the list; `filters` are addresses with words, the chosen one marked."""

    rows: list[Row]
    filters: list[tuple[str, str, bool]]
    filtered: bool


@dataclass(frozen=True, slots=True)
class Page:
    """An order; `looks_again_s` 0: nothing changes by itself."""

    id: str
    state: str
    icon: str
    stamp: str
    title: str
    said: str
    total: str
    facts: list[tuple[str, str]]
    steps: list[tuple[str, str]]
    trace: list[tuple[str, str]]
    may_be_undone: bool
    too_late: bool
    looks_again_s: int
    service: str
    again: str
    onward: tuple[str, str]
    # What its owner has to do now; None: nothing.
    act: tuple[str, str] | None = None


def history(orders: Sequence[Order], lines: Sequence[Line], state: State | None) -> History:
    """Return the list of orders for those lines."""
    numbers = {line.id: formats.phone(line.number) for line in lines}
    several = len(lines) > 1
    filters = [("/orders/", pgettext("orders", "All"), state is None)]
    filters += [(f"/orders/?state={one}".replace(" ", "+"), words.states(one), one is state) for one in State]
    return History([_row(one, numbers if several else {}) for one in orders], filters, state is not None)


def one(found: Trace, lines: Sequence[Line], at: datetime, *, too_late: bool, of_line: OfLine | None = None) -> Page:
    """Return the page of an order; `of_line` is what one for another SIM or number says of itself."""
    order = found.order
    service = words.spoken(order.names, order.offer_code)
    waits = order.state is State.PENDING and order.effective_at > at
    number = next((formats.phone(line.number) for line in lines if line.id == order.line_id), "")
    return Page(
        id=f"{order.id}",
        state=order.state.value.replace(" ", "-"),
        icon=ICONS[order.state],
        stamp={State.COMPLETED: "good", State.FAILED: "bad", State.CANCELLED: ""}.get(order.state, "waits"),
        title=of_line.title if of_line else _title(order, service),
        said=(of_line.said if of_line else "") or _said(order, waits=waits),
        total=_total(order),
        facts=[*_facts(order, number), *(of_line.facts if of_line else [])],
        steps=[(words.state(state), formats.moment(moment)) for state, moment in found.steps],
        trace=[step for asked in found.asked for step in _asked(asked)],
        may_be_undone=order.may_be_undone,
        too_late=too_late and not order.may_be_undone,
        looks_again_s=LOOKS_AGAIN_S if order.is_open and not waits and not (of_line and of_line.rests) else 0,
        onward=of_line.onward if of_line else _onward(order),
        act=of_line.act if of_line else None,
        service=f"/services/{order.offer_code}/",
        again=_again(order),
    )


def _onward(order: Order) -> tuple[str, str]:
    if order.is_package:
        return ("/packages/", _("To the packages"))
    if order.action is Action.TARIFF:
        return ("/tariffs/", _("To the tariffs"))
    if order.action is Action.BLOCK:
        return ("/lines/block/", _("How the block stands"))
    return ("/services/", _("To the services"))


def _again(order: Order) -> str:
    if order.action is not Action.CONNECT or order.state is not State.COMPLETED:
        return ""
    return _("Buy it once more") if order.is_package else _("Disconnect it")


def _row(order: Order, numbers: dict[int, str]) -> Row:
    about = [words.state(order.state), formats.moment(order.placed_at), numbers.get(order.line_id, "")]
    total = order.taken_minor if order.state is State.COMPLETED else order.total_minor if order.is_open else 0
    return Row(
        f"/orders/{order.id}/",
        ICONS[order.state],
        _("Buy “%(package)s”") % {"package": words.spoken(order.names, order.offer_code)}
        if order.is_package
        else words.title(order.action, words.spoken(order.names, order.offer_code)),
        " · ".join(part for part in about if part),
        formats.money(total) if total else "",
    )


def _title(order: Order, service: str) -> str:
    if order.action is Action.TARIFF:
        return _title_of_tariff(order, service)
    if order.is_package:
        return _title_of_package(order, service)
    if order.action is Action.BLOCK:
        return _title_of_block(order)
    on = order.action is Action.CONNECT
    named = {"service": service}
    if order.state is State.COMPLETED:
        return (_("“%(service)s” is connected") if on else _("“%(service)s” is disconnected")) % named
    if order.state is State.FAILED:
        return (_("“%(service)s” is not connected") if on else _("“%(service)s” is not disconnected")) % named
    if order.state is State.CANCELLED:
        return _("The order is undone")
    return (_("Connecting “%(service)s”") if on else _("Disconnecting “%(service)s”")) % named


def _title_of_package(order: Order, package: str) -> str:
    return {
        State.COMPLETED: _("“%(package)s” is yours"),
        State.FAILED: _("“%(package)s” was not bought"),
        State.CANCELLED: _("The order is undone"),
    }.get(order.state, _("Buying “%(package)s”")) % {"package": package}


def _title_of_block(order: Order) -> str:
    titles = {
        State.COMPLETED: _("The block was set"),
        State.FAILED: _("The block was not set"),
        State.CANCELLED: _("The order is undone"),
    }
    return titles.get(order.state, _("The block is being set"))


def _title_of_tariff(order: Order, tariff: str) -> str:
    return {
        State.COMPLETED: _("Your tariff is “%(tariff)s” now"),
        State.FAILED: _("The tariff is not changed"),
        State.CANCELLED: _("The order is undone"),
    }.get(order.state, _("Changing to the tariff “%(tariff)s”")) % {"tariff": tariff}


def _said(order: Order, *, waits: bool) -> str:
    if order.state is State.COMPLETED and order.is_package:
        return _("You can use it.")
    if order.state is State.COMPLETED:
        return _("The network has done it.")
    if order.state is State.FAILED:
        if order.reason == "line closed":
            return _("The service has ended. Nothing was charged.")
        return _("The network could not do it. Nothing was charged, and what was held is yours again.")
    if order.state is State.CANCELLED:
        return _("Nothing was changed and nothing charged.")
    if waits:
        return _("It takes effect on %(day)s. Until then you can undo it.") % {"day": formats.day(order.effective_at)}
    return _("It will be done within a few minutes. You may leave this page: we send an SMS.")


def _total(order: Order) -> str:
    if order.state is State.COMPLETED:
        return formats.money(order.taken_minor) if order.taken_minor else ""
    return formats.money(order.total_minor) if order.is_open and order.total_minor else ""


def _by_whom(channel: str) -> str:
    """Return where the order came from, nothing for the cabinet itself."""
    return {
        "staff": _("our staff, at your request"),
        "renewal": _("by itself, as you agreed when you bought it"),
        "sms": _("by SMS from this number"),
        "ussd": _("in the phone’s menu of this number"),
    }.get(channel, "")


def _facts(order: Order, number: str) -> list[tuple[str, str]]:
    facts = [(line_label(number), number), (_("Ordered"), formats.moment(order.placed_at))]
    if by := _by_whom(order.channel):
        facts.append((_("By whom"), by))
    if order.package is not None:
        facts.append((_("You get"), f"{package_words.adds(order.package)}, {package_words.lasts(order.package)}"))
    if order.is_open and order.total_minor:
        facts.append((_("Held, charged when it is done"), formats.money(order.total_minor)))
    if order.state is State.COMPLETED and order.action is not Action.DISCONNECT:
        facts.append((_("Charged"), formats.money(order.taken_minor)))
    if order.fee_minor and order.state is not State.CANCELLED and order.first_day < order.end_day:
        facts.append((_("The first fee is for"), formats.days(order.first_day, order.end_day - timedelta(days=1))))
    if order.action is Action.BLOCK:
        facts.append((_("Days without a fee"), formats.days(order.first_day, order.end_day - timedelta(days=1))))
        facts.append((_("It works again on"), formats.day(order.end_day, year=True)))
    if order.next_day is not None and order.state not in (State.FAILED, State.CANCELLED):
        facts.append((_("Then"), words.later_fee(order.next_minor, order.per, order.next_day)))
    if order.ended_at is not None:
        facts.append((_("Ended"), formats.moment(order.ended_at)))
    return [*facts, (_("Number of the order"), f"{order.id}".upper()[:8])]


def _asked(asked: Asked) -> list[tuple[str, str]]:
    """Return what went on between us and the network, in words."""
    what = _("We asked the network to switch it on") if asked.on else _("We asked the network to switch it off")
    if asked.sent_at is None:
        waits = asked.state is AskedState.WAITING
        return [(_("The network will be asked when its turn comes") if waits else _("The network was not asked"), "")]
    told = [(what, formats.moment(asked.sent_at))]
    if asked.tries > 1:
        again = ngettext(
            "It was asked %(number)s time, always for the same",
            "It was asked %(number)s times, always for the same", asked.tries,
        )  # fmt: skip
        told.append((again % {"number": formats.number(asked.tries)}, ""))
    if asked.ended_at is not None:
        done = asked.state is AskedState.DONE
        told.append((_("The network did it") if done else _("The network refused"), formats.moment(asked.ended_at)))
    else:
        told.append((_("It has not answered yet; we go on asking"), ""))
    return told
