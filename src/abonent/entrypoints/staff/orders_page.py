"""Services and orders of a customer, for whoever talks to them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines.queries import Line
from abonent.domains.orders.queries import Order, Shop, Standing
from abonent.domains.orders.rules import Action, Why
from abonent.domains.orders.states import State
from abonent.entrypoints.staff import words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """Something in the list that can be ordered: where, what it is called, what it costs."""

    address: str
    name: str
    price: str


@dataclass(frozen=True, slots=True)
class Question:
    """What an order means, in facts to be told; `refused` says why it cannot be placed. The form goes to `address`."""

    address: str
    title: str
    text: str
    facts: list[tuple[str, str]]
    refused: str
    button: str
    hidden: list[tuple[str, str]]


def groups(
    case_id: int, shop: Shop, packages: Sequence[OfferVersion], tariffs: Sequence[TariffVersion]
) -> list[tuple[str, list[Row]]]:
    """Return what the line has, and what is sold for it."""
    base = f"/staff/case/{case_id}/"
    change = [Row(f"{base}tariffs/{one.tariff_code}/", one.names.get(words.language(), ""), tariff_fee(one))
              for one in tariffs]  # fmt: skip
    return [
        (_("Connected"), [_row(base, one.version) for one in shop.connected]),
        (_("On sale"), [_row(base, version) for version in shop.available]),
        (_("Packages"), [_row(base, version) for version in packages]),
        (_("Change the tariff"), change),
        (_("Block"), [Row(f"{base}pause/", _("Block for a while at the owner’s wish"), "")]),
    ]


def question(case_id: int, standing: Standing, line: Line, order_id: UUID) -> Question:
    """Return what the agent tells before the order is placed."""
    version, price, connect = standing.version, standing.price, standing.action is Action.CONNECT
    facts = [(_("To pay for it"), formats.money(price.total_minor))]
    if version.package:
        days = ngettext("%(days)s day", "%(days)s days", version.package.days) % {"days": version.package.days}
        facts.append((_("It is for"), days))
    else:
        facts.append((_("Then"), _fee(version)))
    if not connect:
        facts = [(_("It costs you now"), _fee(version)), (_("To disconnect"), _("free of charge"))]
        if standing.given_back_minor:
            facts.append((_("Comes back for days that are paid"), formats.money(standing.given_back_minor)))
    if line.prepaid:
        after = standing.available_minor - price.total_minor + standing.given_back_minor
        facts.append((_("Balance afterwards"), formats.money(after)))
    return Question(
        address=f"/staff/case/{case_id}/services/{version.code}/",
        title=title(standing.action, version.names),
        text=version.texts.get(words.language(), ""),
        facts=facts,
        refused=_refused(standing),
        button=_button(standing),
        hidden=[
            ("id", f"{order_id}"), ("action", f"{standing.action}"), ("version", f"{version.id}"),
            ("total_minor", f"{price.total_minor}"),
        ],
    )  # fmt: skip


def title(action: Action, names: Mapping[str, str]) -> str:
    """Return what an order is for."""
    own = {
        Action.BLOCK: _("Block for a while at the owner’s wish"),
        Action.SIM: _("Another SIM"),
        Action.NUMBER: _("Another number"),
    }
    if action in own:
        return own[action]
    if action is Action.TARIFF:
        return _("Change to the tariff “%(tariff)s”") % {"tariff": names.get(words.language(), "")}
    said = _("Disconnect “%(service)s”") if action is Action.DISCONNECT else _("Connect “%(service)s”")
    return said % {"service": names.get(words.language(), "")}


def state(order: Order) -> str:
    """Return where an order stands."""
    return {
        State.ACKNOWLEDGED: pgettext("order", "Accepted"),
        State.PENDING: pgettext("order", "Waiting"),
        State.IN_PROGRESS: pgettext("order", "In progress"),
        State.COMPLETED: pgettext("order", "Done"),
        State.FAILED: pgettext("order", "Not done"),
        State.CANCELLED: pgettext("order", "Undone"),
    }[order.state]


def by_whom(order: Order) -> str:
    """Return where the order was placed."""
    return {
        "staff": _("by staff"), "renewal": _("by itself"), "sms": _("by SMS"), "ussd": _("in the phone’s menu"),
    }.get(order.channel, _("in the cabinet"))  # fmt: skip


def _row(base: str, version: OfferVersion) -> Row:
    return Row(f"{base}services/{version.code}/", version.names.get(words.language(), version.code), _fee(version))


def tariff_fee(version: TariffVersion) -> str:
    """Return what a tariff costs: `490,00 ₽ a month`."""
    said = _("%(sum)s a day") if version.terms.fee.per == "day" else _("%(sum)s a month")
    return said % {"sum": formats.money(version.fee_minor)} if version.fee_minor else _("No fee")


def _button(standing: Standing) -> str:
    if standing.action is Action.DISCONNECT:
        return _("Disconnect")
    said = {"sum": formats.money(standing.price.total_minor)}
    if standing.version.package:
        return _("Buy for %(sum)s") % said
    return _("Connect for %(sum)s") % said if standing.price.total_minor else _("Connect")


def _fee(version: OfferVersion) -> str:
    if version.package:
        return formats.money(version.once_minor)
    if not version.fee_minor:
        return _("No fee")
    said = _("%(sum)s a day") if version.per == "day" else _("%(sum)s a month")
    return said % {"sum": formats.money(version.fee_minor)}


def _refused(standing: Standing) -> str:
    refusal = standing.refusal
    if refusal is None:
        return ""
    named = ", ".join(f"«{one.names.get(words.language(), code)}»" for code, one in standing.related.items())
    return {
        Why.SHORT: _("Short by %(sum)s for this service.") % {"sum": formats.money(refusal.missing_minor)},
        Why.LIMIT: _("The customer’s own spending limit holds it back."),
        Why.ON_THE_WAY: _("Something is on the way with this service already."),
        Why.BLOCKED: _("A block is on. Services can be connected when it is over."),
        Why.CONFLICTS: _("It does not work together with %(names)s. Disconnect that first.") % {"names": named},
        Why.NEEDS: _("It works only together with %(names)s. Connect that first.") % {"names": named},
        Why.NEEDED_BY: _("%(names)s works only together with it. Disconnect that first.") % {"names": named},
        Why.REGION: _("This service is not sold in this region."),
    }.get(refusal.why, _("This cannot be ordered right now."))
